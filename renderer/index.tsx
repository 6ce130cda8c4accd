/** The window's composition root. */
// First, because it says which layers of styles come before which.
import './style/tokens.css';
import './style/base.css';
import './style/shell.css';
import './parts/controls.css';
import './parts/surfaces.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { chooseClient } from './client/choose-client.ts';
import { refuseStrayDrops } from './state/browser.ts';
import { browserTime } from './state/time.tsx';

const root = document.getElementById('app');
if (root === null) throw new Error('the page has no place for the window');
refuseStrayDrops(window);
render(<App client={chooseClient(window)} time={browserTime} languages={navigator.languages} />, root);
