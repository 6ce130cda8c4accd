import type { VNode } from 'preact';
import { useId, useState } from 'preact/hooks';
import { settingsWords } from './words.ts';
import { Button } from '../../parts/input/button.tsx';
import { Select, TextInput } from '../../parts/input/inputs.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useSnapshot } from '../../state/snapshot.ts';
import type { LeaseUnit } from './lease-choice.ts';
import { LEASE_UNITS, USUAL_LEASES, isUsualLease, leaseOf, leaseParts } from './lease-choice.ts';
import { SettingRow } from './setting-row.tsx';
import { useSaving } from './use-saving.ts';

const OTHER = 'other';

export function LeaseSetting(): VNode {
  const words = useWords(settingsWords);
  const { lease } = useSnapshot().settings;
  const { state, chosen, save, forget } = useSaving<number | null>();
  const [isOther, setIsOther] = useState(!isUsualLease(lease));
  const shown = chosen === undefined ? lease : chosen.value;
  const textOf = (seconds: number | null): string => {
    if (seconds === null) return words.leaseRecommended;
    const { amount, unit } = leaseParts(seconds);
    return words.leaseText(amount, unit);
  };
  const isApart = isOther || !isUsualLease(shown);
  const set = (seconds: number | null): void => void save({ lease: seconds }, seconds);
  return (
    <SettingRow
      label={words.lease}
      hint={words.leaseHint}
      saving={state}
      still={textOf(lease)}
      badValue={words.leaseBad}
      isBeneath
      isLabel
    >
      {({ id, hintId, isInvalid }) => (
        <div class="setting-lease">
          <Select
            id={id}
            aria-describedby={hintId}
            value={isApart ? OTHER : String(shown)}
            choices={[
              ...USUAL_LEASES.map((usual) => ({ value: String(usual), label: textOf(usual) })),
              { value: OTHER, label: words.leaseOther },
            ]}
            onChange={(value) => {
              forget();
              setIsOther(value === OTHER);
              if (value !== OTHER) set(USUAL_LEASES.find((usual) => String(usual) === value) ?? null);
            }}
          />
          {isApart && <OtherLease lease={shown} isInvalid={isInvalid} isBusy={state.at === 'saving'} onSet={set} />}
        </div>
      )}
    </SettingRow>
  );
}

interface OtherLeaseProperties {
  readonly lease: number | null;
  readonly isInvalid: boolean;
  readonly isBusy: boolean;
  readonly onSet: (seconds: number) => void;
}

function OtherLease({ lease, isInvalid, isBusy, onSet }: OtherLeaseProperties): VNode {
  const words = useWords(settingsWords);
  const language = useLanguage();
  const hintId = useId();
  const first = leaseParts(lease ?? 5400);
  const [amount, setAmount] = useState(first.amount.toLocaleString(language, { useGrouping: false }));
  const [unit, setUnit] = useState<LeaseUnit>(first.unit);
  return (
    <form
      class="setting-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSet(leaseOf(amount, unit));
      }}
    >
      <span class="setting-amount">
        <TextInput
          aria-label={words.leaseAmount}
          aria-describedby={hintId}
          aria-invalid={isInvalid}
          value={amount}
          onInput={setAmount}
        />
      </span>
      <Select
        aria-label={words.leaseUnit}
        value={unit}
        choices={LEASE_UNITS.map((each) => ({ value: each, label: words.leaseUnits[each] }))}
        onChange={setUnit}
      />
      <Button type="submit" isBusy={isBusy}>
        {words.leaseSet}
      </Button>
      <span id={hintId} class="field-hint">
        {words.leaseBounds}
      </span>
    </form>
  );
}
