/** The token in `#token=...` or `?token=...`, and the address without it. */
export function takeToken(address: string): { token: string | null; cleaned: string } {
  const url = new URL(address)
  const fragment = /^#token=([^&]*)/.exec(url.hash)?.[1]
  const token = fragment ? decodeURIComponent(fragment) : url.searchParams.get('token')
  if (fragment) url.hash = ''
  url.searchParams.delete('token')
  return { token, cleaned: url.href }
}
