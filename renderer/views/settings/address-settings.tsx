import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import {
  DNS_PROVIDERS,
  DNS_PROVIDER_IDS,
  type DnsProvider,
  type NameView,
} from '../../../main/contract/dynamic-dns.ts';
import type { Problem } from '../../../main/contract/problems.ts';
import { nameText, secretText } from '../../../main/contract/words/name.ts';
import { Button, CommandButton, CopyButton } from '../../parts/button.tsx';
import { Select, choicesOf } from '../../parts/choice.tsx';
import { Form, TextInput } from '../../parts/field.tsx';
import { Card, Section } from '../../parts/layout.tsx';
import { ProblemCard } from '../../parts/notice.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useAsk, useSnapshot, useToasts } from '../../state/portkeeper.tsx';
import { useMoment } from '../../state/time.tsx';
import { Sentences, SettingChoice, SettingRow, SettingSwitch, SettingText, useSetting } from './setting-row.tsx';
import { settingsWords } from './words.ts';

/** Actions when the public address changes. */
export function AddressSettings(): VNode {
  const words = useWords(settingsWords);
  return (
    <Section title={words.address}>
      <div class="setting-cards">
        <Card kind="rows">
          <NameSettings />
        </Card>
        <Card kind="rows">
          <CommandSetting />
        </Card>
      </div>
    </Section>
  );
}

/** The name, who keeps it, and what they need for that. */
function NameSettings(): VNode {
  const words = useWords(settingsWords);
  const { settings, address } = useSnapshot();
  const { dynamicDns: id } = settings;
  const provider: DnsProvider | undefined = id === 'none' ? undefined : DNS_PROVIDERS[id];
  const keeper = useSetting('dynamicDns', (value) => ({ dynamicDns: value }));
  const published = useSetting('dnsAddresses', (value) => ({ dnsAddresses: value }));
  const overHttp = useSetting('dnsOverHttp', (value) => ({ dnsOverHttp: value }));
  return (
    <>
      <SettingText
        name="name"
        label={words.hostName}
        hint={words.hostNameHint}
        setting="dnsName"
        example={words.hostNameExample}
      />
      <SettingRow label={words.keeper} hint={words.keeperHint} saving={keeper.saving} isLabel>
        {(links) => (
          <Select
            {...links}
            value={keeper.value}
            choices={[
              { value: 'none', label: words.keeperNone },
              ...DNS_PROVIDER_IDS.map((each) => ({
                value: each,
                label: words.keepers[each] ?? DNS_PROVIDERS[each].label,
              })),
            ]}
            onChange={keeper.set}
          />
        )}
      </SettingRow>
      {id === 'dyndns2' && (
        <SettingText
          label={words.dnsServer}
          hint={words.dnsServerHint}
          setting="dnsServer"
          example="https://dyn.example.net/nic/update"
        />
      )}
      {id === 'dyndns2' && (address.name?.missing === 'https' || settings.dnsOverHttp) && (
        <SettingSwitch label={words.dnsOverHttp} hint={words.dnsOverHttpHint} setting={overHttp} />
      )}
      {provider?.needsUser === true && (
        <SettingText label={words.dnsUser} hint={words.dnsUserHint} setting="dnsUser" example={words.dnsUserExample} />
      )}
      {provider !== undefined && address.name !== null && (
        <SecretSetting key={`${id} ${settings.dnsServer ?? ''}`} kind={provider.secret} view={address.name} />
      )}
      {provider?.ipv6 === true && (
        <SettingChoice
          look="segments"
          label={words.dnsAddresses}
          hint={words.dnsAddressesHint}
          setting={published}
          choices={choicesOf({ ipv4: 'IPv4', ipv6: 'IPv6', both: words.both })}
        />
      )}
      {provider !== undefined && address.name !== null && <NameState view={address.name} />}
    </>
  );
}

function NameState({ view }: { readonly view: NameView }): VNode {
  const words = useWords(settingsWords);
  const language = useLanguage();
  const { problems } = useSnapshot();
  const said = useMoment((now) => nameText(view, now, language));
  const problem = problems.find(({ code }) => code === 'name-refused' || code === 'name-not-updated');
  return (
    <>
      <SettingRow label={words.nameState} hint={<span role="status">{said}</span>}>
        {() =>
          view.at !== 'incomplete' && (
            <CommandButton command="name.update" input={{}} isBusy={view.at === 'updating'}>
              {words.updateName}
            </CommandButton>
          )
        }
      </SettingRow>
      <SettingProblem problem={problem} />
    </>
  );
}

/** Typed, and never shown again. */
function SecretSetting({ kind, view }: { readonly kind: DnsProvider['secret']; readonly view: NameView }): VNode {
  const words = useWords(settingsWords);
  const language = useLanguage();
  const ask = useAsk();
  const { show } = useToasts();
  const [text, setText] = useState('');
  const [isSaving, setIsSaving] = useState(false);
  const save = async (secret: string | null): Promise<void> => {
    if (secret === '') return;
    setIsSaving(true);
    const answer = await ask('secret.set', { of: 'dynamic-dns', secret });
    setIsSaving(false);
    if (!answer.ok) return;
    setText('');
    show({ text: secret === null ? words.secretRemoved : words.secretSaved });
  };
  return (
    <SettingRow
      label={words.secrets[kind]}
      hint={<Sentences list={[words.secretHints[kind], secretText(view, language)]} />}
      isBeneath
      isLabel
    >
      {(links) => (
        <Form class="setting-form" onSubmit={() => void save(text)}>
          <TextInput
            {...links}
            isSecret
            placeholder={kind === 'url' ? EXAMPLE_URL : undefined}
            value={text}
            onInput={setText}
          />
          <Button type="submit" isBusy={isSaving}>
            {words.secretSet}
          </Button>
          {view.secret !== 'none' && (
            <Button kind="quiet" onClick={() => void save(null)}>
              {words.remove}
            </Button>
          )}
        </Form>
      )}
    </SettingRow>
  );
}

function SettingProblem({ problem }: { readonly problem: Problem | undefined }): VNode | null {
  return problem === undefined ? null : (
    <div class="setting-problem">
      <ProblemCard problem={problem} />
    </div>
  );
}

const EXAMPLE_URL = 'https://dyn.example.net/update?ip={ipv4}';

const SET_COMMAND = 'portkeeper settings set addressCommand';

function CommandSetting(): VNode {
  const words = useWords(settingsWords);
  const { host, settings, problems } = useSnapshot();
  const problem = problems.find(({ code }) => code === 'address-command-failed');
  const row = { name: 'address-command', label: words.command };
  return (
    <>
      {host.kind === 'desktop' ? (
        <SettingText {...row} hint={words.commandHint} setting="addressCommand" example={words.commandExample} />
      ) : (
        <SettingRow {...row} hint={<Sentences list={[words.commandHint, words.commandElsewhere]} />} isBeneath>
          {() => (
            <span class="setting-code">
              <code>{settings.addressCommand ?? SET_COMMAND}</code>
              <CopyButton text={SET_COMMAND} label={words.copy} />
            </span>
          )}
        </SettingRow>
      )}
      <SettingProblem problem={problem} />
    </>
  );
}
