// How loud a microphone is.

const FLOOR_DB = -60;

/** Calls `level` every so many milliseconds with 0 (silence) to 1 (full), until the returned function
 * is called. Undefined: the browser does not let us listen yet. */
export function measure(
  track: MediaStreamTrack,
  level: (v: number | undefined) => void,
  everyMs = 50,
): () => void {
  const context = new AudioContext();
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const resume = () => void context.resume();
  window.addEventListener("pointerdown", resume);
  window.addEventListener("keydown", resume);

  const timer = setInterval(() => {
    if (context.state !== "running") {
      level(undefined);
      return;
    }
    analyser.getFloatTimeDomainData(samples);
    level(loudness(samples));
  }, everyMs);

  return () => {
    clearInterval(timer);
    window.removeEventListener("pointerdown", resume);
    window.removeEventListener("keydown", resume);
    source.disconnect();
    void context.close();
  };
}

/** Root mean square on a scale of decibels. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const s of samples) sum += s * s;
  const db = 10 * Math.log10(sum / Math.max(1, samples.length) + 1e-12);
  return Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
}
