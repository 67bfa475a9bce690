import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { canRecord, format, LONGEST, NoSound, Recording } from "./recorder";

class Recorder {
  static isTypeSupported = (type: string) => type.startsWith("audio/webm");
  state = "inactive";
  mimeType = "audio/webm;codecs=opus";
  ondataavailable: ((e: { data: Blob }) => void) | null = null;
  onstop: (() => void) | null = null;
  onerror: (() => void) | null = null;
  start(): void {
    this.state = "recording";
  }
  stop(): void {
    this.state = "inactive";
    this.ondataavailable?.({ data: new Blob(["said"]) });
    this.onstop?.();
  }
}
const stopped = vi.fn();
const media = (give: () => unknown) =>
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia: async () => give() } });
const stream = () => {
  const track = { stop: stopped, addEventListener: () => undefined };
  return { getTracks: () => [track], getAudioTracks: () => [track] };
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("MediaRecorder", Recorder);
  media(stream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  stopped.mockClear();
});

describe("recorder", () => {
  it("records, stops, lets go of the microphone and gives the bytes", async () => {
    expect(canRecord()).toBe(true);
    const now = await Recording.begin();
    vi.advanceTimersByTime(3000);
    now.stop();
    const made = await now.result();
    expect(made).toMatchObject({ name: "voice.webm", type: "audio/webm" });
    expect(new TextDecoder().decode(made!.data)).toBe("said");
    expect(stopped).toHaveBeenCalled();
  });

  it("ends by itself", async () => {
    const now = await Recording.begin();
    const result = now.result();
    vi.advanceTimersByTime(LONGEST * 1000);
    expect((await result)?.data.byteLength).toBe(4);
  });

  it("takes a slip of the finger for nothing", async () => {
    const now = await Recording.begin();
    vi.advanceTimersByTime(200);
    now.stop();
    expect(await now.result()).toBeNull();
  });

  it("says why it cannot", async () => {
    media(() => {
      throw new DOMException("no", "NotAllowedError");
    });
    await expect(Recording.begin()).rejects.toEqual(new NoSound("denied"));
    media(() => {
      throw new DOMException("no", "NotFoundError");
    });
    await expect(Recording.begin()).rejects.toMatchObject({ why: "none" });
    vi.stubGlobal("MediaRecorder", undefined);
    expect(canRecord()).toBe(false);
    await expect(Recording.begin()).rejects.toMatchObject({ why: "none" });
  });

  it("takes what the browser records in", () => {
    expect(format(() => true)).toEqual(["audio/webm;codecs=opus", "webm"]);
    expect(format((t) => t === "audio/mp4")).toEqual(["audio/mp4", "m4a"]);
    expect(format(() => false)).toEqual(["", "webm"]);
  });
});
