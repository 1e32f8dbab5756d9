/** Shows a dialog above everything as long as it is there, and gives the focus back to what opened it. */
export function modal(dialog: HTMLDialogElement): () => void {
  // The browser gives the focus back only where the dialog closes before it is taken away.
  const opener = document.activeElement
  dialog.showModal()
  return () => {
    dialog.close()
    if (opener instanceof HTMLElement) opener.focus()
  }
}
