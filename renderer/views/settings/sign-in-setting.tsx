/** Routers that open ports only for signed-in users: where a name and a password are given, and taken back. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { CommandFault, SignInView } from '../../../main/contract/commands.ts';
import { parseIp } from '../../../main/contract/address.ts';
import { routerToSignIn } from '../../../main/contract/problem-actions.ts';
import { faultText } from '../../../main/contract/words/faults.ts';
import { Button } from '../../parts/button.tsx';
import { Field, FieldError, Form, TextInput } from '../../parts/field.tsx';
import { Status, type Tone } from '../../parts/layout.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useAsk, useSnapshot, useTask } from '../../state/portkeeper.tsx';
import { SettingRow } from './setting-row.tsx';
import { settingsWords } from './words.ts';

const LOOKS = {
  untried: { icon: 'waiting', tone: 'plain' },
  accepted: { icon: 'check', tone: 'good' },
  wrong: { icon: 'error', tone: 'bad' },
} as const satisfies Readonly<Record<SignInView['state'], { readonly icon: string; readonly tone: Tone }>>;

export function SignInSetting(): VNode {
  const words = useWords(settingsWords).signIn;
  const { signIns, engine } = useSnapshot();
  const language = useLanguage();
  const ask = useAsk();
  const task = useTask();
  const [given, setGiven] = useState<string | undefined>(undefined);
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState<CommandFault | 'address' | undefined>(undefined);
  const router = given ?? routerToSignIn(engine) ?? '';
  const signIn = (): void =>
    task.run(async () => {
      const address = parseIp(router);
      if (address === undefined) return setFault('address');
      const answer = await ask('gateway.sign-in', { router: address, user, password }, { quiet: true });
      setFault(answer.ok ? undefined : answer.fault);
      if (answer.ok) setPassword('');
    });
  return (
    <SettingRow name="sign-in" label={words.label} hint={words.hint} isBeneath>
      {() => (
        <div class="setting-list">
          {signIns.map(({ router: each, state }) => (
            <p key={each} class="setting-form">
              <span class="mono">{each}</span>
              <Status {...LOOKS[state]}>{words.states[state]}</Status>
              <Button size="small" kind="quiet" onClick={() => void ask('gateway.sign-out', { router: each })}>
                {words.signOut}
              </Button>
            </p>
          ))}
          <Form class="setting-fields" onSubmit={signIn}>
            <Field label={words.router} error={fault === 'address' ? words.badAddress : undefined}>
              {(links) => <TextInput {...links} value={router} placeholder="192.168.178.1" onInput={setGiven} />}
            </Field>
            <Field label={words.user}>{(links) => <TextInput {...links} value={user} onInput={setUser} />}</Field>
            <Field label={words.password}>
              {(links) => <TextInput {...links} isSecret value={password} onInput={setPassword} />}
            </Field>
            <Button type="submit" isBusy={task.isBusy}>
              {words.signIn}
            </Button>
          </Form>
          {fault !== undefined && fault !== 'address' && (
            <FieldError role="alert">{faultText(fault, language)}</FieldError>
          )}
        </div>
      )}
    </SettingRow>
  );
}
