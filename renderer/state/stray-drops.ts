/** A file that is dropped where nothing takes it would be opened by the browser in place of the window. */
export function refuseStrayDrops(target: Window): void {
  const refuse = (event: DragEvent): void => {
    const { dataTransfer } = event;
    // Whoever takes files says so after this, by another effect.
    if (dataTransfer === null || !dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    dataTransfer.dropEffect = 'none';
  };
  target.addEventListener('dragover', refuse);
  target.addEventListener('drop', refuse);
}
