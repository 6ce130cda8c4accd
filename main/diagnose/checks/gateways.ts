/** Several routers on this computer's networks, and which of them its traffic leaves by (H3). */
import { finding, problemFinding, type Check } from '../examination.ts';

export const gateways: Check = async (examination) => {
  const told = examination.around.app().engine.problems.filter(({ code }) => code === 'not-default-router');
  if (told.length > 0) return told.map((problem) => problemFinding('trouble', problem));
  const found = (await examination.found()).gateways;
  const here = await examination.defaultGateway();
  const others = found.filter(({ id }) => id !== here?.id).map(({ name }) => name);
  if (here === undefined)
    return others.length === 0 ? [] : [finding('hint', 'several-gateways', { gateway: '', others })];
  if (others.length === 0) return [finding('fine', 'one-gateway', { gateway: here.name })];
  return [finding('hint', 'several-gateways', { gateway: here.name, others })];
};
