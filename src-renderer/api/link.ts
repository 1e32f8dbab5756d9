import type { ClientLink } from '@orpc/client'

export type Link = ClientLink<Record<never, never>>

export interface OpenedLink {
  readonly link: Link
  /** Settles when the link has ended. */
  readonly closed: Promise<void>
}

/** Opens a link, or throws when the host is not there; `Refused` when it is there and wants another token. */
export type Opener = () => Promise<OpenedLink>

/** The host answers, and not to this page: it was started again since, with another token. */
export class Refused extends Error {}
