import type { ClientLink } from '@orpc/client'

export type Link = ClientLink<Record<never, never>>

export interface OpenedLink {
  readonly link: Link
  /** Settles when the link has ended. */
  readonly closed: Promise<void>
}

/** Opens a link, or throws when the host is not there. */
export type Opener = () => Promise<OpenedLink>
