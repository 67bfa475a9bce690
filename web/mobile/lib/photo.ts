/** Photos made small on the phone before they wait in the outbox: a street picture needs no 12 megapixels. */
import type { NewPhoto } from "./outbox";

export const LONGEST_EDGE = 1920;
const QUALITY = 0.82;

/** `[width, height]` within the longest edge, proportions kept, never larger than it was. */
export function within(width: number, height: number, longest = LONGEST_EDGE): [number, number] {
  const scale = Math.min(1, longest / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

async function bitmapOf(file: Blob): Promise<ImageBitmap | HTMLImageElement> {
  if ("createImageBitmap" in window) {
    try {
      return await createImageBitmap(file, { imageOrientation: "from-image" });
    } catch {
      // a format this call does not know: try the picture element below
    }
  }
  const url = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    return image;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** A photo ready for the outbox. What the phone cannot open (HEIC on some) goes as it is; the server can. */
export async function shrink(file: File): Promise<NewPhoto> {
  try {
    const bitmap = await bitmapOf(file);
    const [width, height] = within(bitmap.width, bitmap.height);
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    canvas.getContext("2d")!.drawImage(bitmap, 0, 0, width, height);
    if ("close" in bitmap) bitmap.close();
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    if (blob && (blob.size < file.size || file.type !== "image/jpeg"))
      return {
        name: `${file.name.replace(/\.[^.]*$/, "") || "photo"}.jpg`,
        type: "image/jpeg",
        data: await blob.arrayBuffer(),
      };
  } catch {
    // left as it is
  }
  return {
    name: file.name || "photo",
    type: file.type || "application/octet-stream",
    data: await file.arrayBuffer(),
  };
}
