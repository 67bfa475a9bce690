/** The phone's microphone: what it records with, and a recording that ends by itself. */
import type { NewPhoto } from "./outbox";

/** Longest recording, in seconds: more is better said in two. */
export const LONGEST = 120;
/** Shorter is a slip of the finger, in seconds. */
export const SHORTEST = 0.8;
const BITS = 24_000;
const TYPES: [string, string][] = [
  ["audio/webm;codecs=opus", "webm"],
  ["audio/mp4", "m4a"],
  ["audio/ogg;codecs=opus", "ogg"],
];

export class NoSound extends Error {
  constructor(readonly why: "denied" | "none" | "failed") {
    super(why);
  }
}

/** Whether this browser records at all (not without TLS, not in some old ones). */
export function canRecord(): boolean {
  return typeof MediaRecorder !== "undefined" && navigator.mediaDevices?.getUserMedia !== undefined;
}

/** `[type, ending]` of the first format that the browser records in. */
export function format(supports: (type: string) => boolean): [string, string] {
  return TYPES.find(([type]) => supports(type)) ?? ["", "webm"];
}

export class Recording {
  private readonly parts: Blob[] = [];
  private readonly began = Date.now();
  private readonly over: Promise<void>;
  private timer: ReturnType<typeof setTimeout>;

  private constructor(
    private readonly recorder: MediaRecorder,
    private readonly stream: MediaStream,
    private readonly ending: string,
  ) {
    recorder.ondataavailable = (e) => {
      if (e.data.size) this.parts.push(e.data);
    };
    this.over = new Promise((done) => {
      recorder.onstop = () => done();
      recorder.onerror = () => done();
    });
    // a call that comes in, another app: what was said so far is kept
    stream.getAudioTracks()[0]?.addEventListener("ended", () => this.end());
    this.timer = setTimeout(() => this.end(), LONGEST * 1000);
    recorder.start(1000);
  }

  /** Begin; the browser asks for the microphone the first time. Throws NoSound. */
  static async begin(): Promise<Recording> {
    if (!canRecord()) throw new NoSound("none");
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: true, noiseSuppression: true, channelCount: 1 },
      });
    } catch (e) {
      throw new NoSound((e as DOMException).name === "NotFoundError" ? "none" : "denied");
    }
    const [mimeType, ending] = format((type) => MediaRecorder.isTypeSupported(type));
    try {
      const recorder = new MediaRecorder(stream, {
        ...(mimeType ? { mimeType } : {}),
        audioBitsPerSecond: BITS,
      });
      return new Recording(recorder, stream, ending);
    } catch {
      for (const track of stream.getTracks()) track.stop();
      throw new NoSound("failed");
    }
  }

  get seconds(): number {
    return (Date.now() - this.began) / 1000;
  }

  private end(): void {
    clearTimeout(this.timer);
    if (this.recorder.state !== "inactive") this.recorder.stop();
    for (const track of this.stream.getTracks()) track.stop();
  }

  /** Resolves when it is over, also by itself: the recording, or null where there is none to speak of. */
  async result(): Promise<NewPhoto | null> {
    await this.over;
    const seconds = this.seconds;
    this.end();
    const type = (this.recorder.mimeType || this.parts[0]?.type || "audio/webm").split(";")[0]!;
    const blob = new Blob(this.parts, { type });
    if (!blob.size || seconds < SHORTEST) return null;
    return { name: `voice.${this.ending}`, type, data: await blob.arrayBuffer() };
  }

  stop(): void {
    this.end();
  }
}
