import { expect, test } from 'vitest';
import { asForwardId, asGatewayId } from '../../../main/contract/model.ts';
import { pageAddress } from '../../../main/desktop/window/page.ts';
import { routeOf } from '../../../renderer/state/route.ts';

const shown = (action: Parameters<typeof pageAddress>[0]) => {
  const { origin, host, hash } = new URL(pageAddress(action));
  expect([origin, host]).toEqual(['null', 'app']);
  return routeOf(hash);
};

test('the window shows what a problem is about', () => {
  expect(shown(undefined)).toEqual({ view: 'forwards', parameters: {} });
  expect(shown({ do: 'show-router' })).toEqual({ view: 'router', parameters: {} });
  expect(shown({ do: 'show-router', gateway: asGatewayId('igd:uuid & more') })).toEqual({
    view: 'router',
    parameters: { gateway: 'igd:uuid & more' },
  });
  expect(shown({ do: 'edit-forward', forward: asForwardId('minecraft/1'), field: 'external' })).toEqual({
    view: 'forwards',
    parameters: { edit: 'minecraft/1', field: 'external' },
  });
  expect(shown({ do: 'show-settings', section: 'networks' })).toEqual({
    view: 'settings',
    parameters: { section: 'networks' },
  });
});
