/** A picture from paste, drop, file or camera, made small enough for a catalogue. */

const LONGEST_SIDE = 1600;
/** Characters of the data URL: SciCat takes 16 MB, and lists give ten pictures at once. */
const MOST = 1_200_000;
const QUALITIES = [0.9, 0.75, 0.6, 0.4];

/** Return the picture as a data URL, no side longer than so many pixels. Raises an error in plain words. */
export async function pictureOf(file: Blob, longest = LONGEST_SIDE): Promise<string> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(`This is no picture that the browser can read (${file.type || "no type"}).`);
  });
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const exact = canvas.toDataURL("image/png");
  if (exact.length <= MOST) return exact;
  for (const quality of QUALITIES) {
    const small = canvas.toDataURL("image/jpeg", quality);
    if (small.length <= MOST) return small;
  }
  throw new Error("The picture is too large, also when it is made smaller.");
}

/** The picture of a paste or a drop; null: there is none in it. */
export function pictureIn(data: DataTransfer | null): File | null {
  return [...(data?.files ?? [])].find((one) => one.type.startsWith("image/")) ?? null;
}
