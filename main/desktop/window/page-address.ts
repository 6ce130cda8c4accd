/** Where in the window something is shown: the fragments of renderer/state/route. */
import type { ProblemAction } from '../../contract/problem-actions.ts';
import { PAGE_URL } from './sender-check.ts';

/** The start, or what an action is about. */
export function pageAddress(action?: ProblemAction): string {
  return `${PAGE_URL}${action === undefined ? '' : fragmentOf(action)}`;
}

function fragmentOf(action: ProblemAction): string {
  switch (action.do) {
    case 'show-router':
      return fragment('router', action.gateway === undefined ? {} : { gateway: action.gateway });
    case 'edit-forward':
      return fragment('forwards', { edit: action.forward, field: action.field });
    case 'show-settings':
      return fragment('settings', { section: action.section });
    case 'command':
    case 'open-router-pages':
      return '';
  }
}

function fragment(view: string, parameters: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(parameters).toString();
  return `#/${view}${query === '' ? '' : `?${query}`}`;
}
