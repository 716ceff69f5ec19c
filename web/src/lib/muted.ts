// Whoever speaks into a microphone that is off is told so.
import { measure } from "./meter";

const VOICE = 0.45; // of the meter's scale: a voice close by
const OFTEN = 6; // of the last TEN
const TEN = 10;
const EVERY_MS = 120;

/** Says, of levels one after the other, when somebody speaks: once, and again after silence. */
export function hearkener(heard: () => void): (level: number | undefined) => void {
  let last: boolean[] = [];
  let told = false;
  return (level) => {
    last = [...last, level !== undefined && level > VOICE].slice(-TEN);
    const loud = last.filter(Boolean).length;
    if (loud >= OFTEN && !told) heard();
    told = loud >= OFTEN || (told && loud > 0);
  };
}

/** Listens to a track that is off, on a copy that nobody is sent, until the returned function is called. */
export function hearken(track: MediaStreamTrack, heard: () => void): () => void {
  const copy = track.clone();
  copy.enabled = true;
  const end = measure(copy, hearkener(heard), EVERY_MS);
  return () => {
    end();
    copy.stop();
  };
}
