/** Facts missing from `electron-builder.yml`: the checkout's origin, and so where packages and updates are found. */

export interface Repository {
  readonly owner: string;
  readonly repo: string;
}

/** `git@github.com:owner/repo.git`, `https://github.com/owner/repo`, `owner/repo`; `undefined` for anything else. */
export function repositoryOf(text: string): Repository | undefined {
  const { owner, repo } =
    /^(?:(?:https:\/\/(?:[^@/]+@)?github\.com\/|(?:ssh:\/\/)?git@github\.com[:/]))?(?<owner>[A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))\/(?<repo>[A-Za-z0-9._-]{1,100}?)(?:\.git)?\/?$/.exec(
      text.trim(),
    )?.groups ?? {};
  return owner === undefined || repo === undefined ? undefined : { owner, repo };
}

/** Without a repository packages do not update themselves, and their home page is nowhere. */
const NOWHERE = 'https://portkeeper.invalid/';

/** electron-builder's configuration, on top of `electron-builder.yml`. */
export function distConfig(
  repository: Repository | undefined,
  more: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const { owner, repo } = repository ?? {};
  const homepage = repository === undefined ? NOWHERE : `https://github.com/${owner}/${repo}`;
  return {
    extends: 'electron-builder.yml',
    extraMetadata: { homepage },
    publish: repository === undefined ? null : { provider: 'github', owner, repo, releaseType: 'draft' },
    ...more,
  };
}
