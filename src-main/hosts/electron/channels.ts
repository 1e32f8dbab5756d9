/** From the preload to the main process: a page has loaded and wants a port. */
export const connectChannel = 'shoehorn:connect'
/** From the main process to the preload, with one transferred port; the preload passes it on under the same name. */
export const portChannel = 'shoehorn:port'
