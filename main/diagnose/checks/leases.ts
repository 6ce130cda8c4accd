/** The clock, restarts of the router, and what it has shown that it needs. */
import { inHours } from '../../contract/units.ts';
import { finding, type Check } from '../examination.ts';

/** The beginning of 2025: this program is younger. */
const EARLIEST = 1_735_689_600_000;
const RECENTLY = inHours(1);

export const leases: Check = async ({ system, around }) => {
  const now = system.clock.now();
  const { gateways } = around.app().engine;
  const clock = now < EARLIEST ? [finding('hint', 'clock-wrong', { now })] : [];
  const restarts = gateways.flatMap(({ name, restartedAt, id }) =>
    restartedAt !== undefined && now - restartedAt < RECENTLY
      ? [finding('hint', 'restarted', { gateway: name, at: restartedAt }, { gateway: id })]
      : [],
  );
  const known = around.memory.all();
  const remembered = gateways.flatMap(({ name, fingerprint, id }) => {
    const traits = known.find((one) => one.fingerprint === fingerprint)?.traits.map((trait) => trait.why) ?? [];
    return traits.length === 0 ? [] : [finding('fine', 'remembered', { gateway: name, traits }, { gateway: id })];
  });
  const found = [...clock, ...restarts, ...remembered];
  return found.length === 0 ? [finding('fine', 'leases-fine', {})] : found;
};
