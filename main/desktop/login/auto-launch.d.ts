/** Types for auto-launch 5.0.6, which has none. `opts` and `api` are what it hands to its platform's part. */
declare module 'auto-launch' {
  interface AutoLaunchOptions {
    readonly name: string;
    /** Absolute. */
    readonly path: string;
    readonly isHidden: boolean;
    readonly mac: { readonly useLaunchAgent: boolean };
  }

  export default class AutoLaunch {
    constructor(options: AutoLaunchOptions);
    readonly opts: { appName: string; appPath: string };
    readonly api: { getDirectory?: () => string };
    enable(): Promise<void>;
    disable(): Promise<void>;
  }
}
