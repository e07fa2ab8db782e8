/** Words that the file and the logbook share. */

export function counted(count: number): string {
  return count === 1 ? "1 scan" : `${count} scans`;
}

export function goneText(gone: number): string {
  return gone === 0 ? "" : ` ${counted(gone)} of the selection cannot be read any more.`;
}
