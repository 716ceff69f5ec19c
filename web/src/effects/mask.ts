// Sums over small pictures: where the person is, and a background that shows nothing of itself. Without a browser.

/** Of the model's picture, in pixels. */
export const WIDTH = 256;
export const HEIGHT = 144;
export const PIXELS = WIDTH * HEIGHT;

/** The model's confidence at which a pixel begins to be the person's, and wholly is. */
const BEGINS = 0.4;
const WHOLLY = 0.75;

/** How much of each pixel is the person, from the model's confidence: soft at the edge. What was background
 * a moment ago becomes the person's over some pictures, what is background now is so at once: an error
 * hides rather than shows. `alpha` is the last picture's, 0 to 255, and becomes this one's. */
export function follow(confidence: ArrayLike<number>, alpha: Uint8ClampedArray): void {
  for (let i = 0; i < alpha.length; i++) {
    const at = Math.min(1, Math.max(0, ((confidence[i] ?? 0) - BEGINS) / (WHOLLY - BEGINS)));
    const now = at * at * (3 - 2 * at) * 255;
    alpha[i] = Math.min(now, (now + (alpha[i] ?? 0)) / 2 + 8);
  }
}

/** Of the blurred background, which has no use for more. */
export const BACK_WIDTH = WIDTH / 2;
export const BACK_HEIGHT = HEIGHT / 2;
const BACK_PIXELS = BACK_WIDTH * BACK_HEIGHT;

/** Pixels to each side, of 128 in a row; three times over, which is close to a Gaussian of 5 pixels. */
const RADIUS = 5;
const PASSES = 3;
/** Under the person, where nothing of the background is near, there is something of this weight. */
const FAINT = 0.01;

/** Blurs a background without the person in front of it, of whom it would have a halo. */
export class Blur {
  /** Red, green, blue, each by its weight, and the weights. */
  readonly #planes = [0, 1, 2, 3].map(() => new Float32Array(BACK_PIXELS));
  readonly #spare = new Float32Array(BACK_PIXELS);

  /** `pixels` are RGBA of the model's size, of which the alpha is not read; `to` becomes the background, opaque. */
  run(pixels: Uint8ClampedArray, alpha: Uint8ClampedArray, to: Uint8ClampedArray): void {
    this.#gather(pixels, alpha);
    for (const plane of this.#planes)
      for (let pass = 0; pass < PASSES; pass++) {
        means(plane, this.#spare, BACK_HEIGHT, BACK_WIDTH, BACK_WIDTH, 1);
        means(this.#spare, plane, BACK_WIDTH, BACK_HEIGHT, 1, BACK_WIDTH);
      }
    const [red, green, blue, weight] = this.#planes as [Float32Array, Float32Array, Float32Array, Float32Array];
    for (let i = 0, p = 0; i < BACK_PIXELS; i++, p += 4) {
      const w = weight[i]!;
      to[p] = red[i]! / w;
      to[p + 1] = green[i]! / w;
      to[p + 2] = blue[i]! / w;
      to[p + 3] = 255;
    }
  }

  /** Sums of two by two pixels, each by how much of it is background. */
  #gather(pixels: Uint8ClampedArray, alpha: Uint8ClampedArray): void {
    const [red, green, blue, weight] = this.#planes as [Float32Array, Float32Array, Float32Array, Float32Array];
    for (const plane of this.#planes) plane.fill(0);
    for (let y = 0, from = 0; y < HEIGHT; y++)
      for (let x = 0; x < WIDTH; x++, from++) {
        const i = (y >> 1) * BACK_WIDTH + (x >> 1);
        const w = 1 - alpha[from]! / 255 + FAINT;
        red[i] = red[i]! + pixels[4 * from]! * w;
        green[i] = green[i]! + pixels[4 * from + 1]! * w;
        blue[i] = blue[i]! + pixels[4 * from + 2]! * w;
        weight[i] = weight[i]! + w;
      }
  }
}

/** Means along `count` lines of `length` pixels, which begin `line` apart, their pixels `step`. Beyond an
 * edge there is its last pixel. */
function means(from: Float32Array, to: Float32Array, count: number, length: number, line: number, step: number) {
  const share = 1 / (2 * RADIUS + 1);
  for (let n = 0; n < count; n++) {
    const first = n * line;
    const last = first + (length - 1) * step;
    let sum = from[first]! * RADIUS;
    for (let i = 0; i <= RADIUS; i++) sum += from[first + i * step]!;
    for (let i = 0, at = first; i < length; i++, at += step) {
      to[at] = sum * share;
      const enters = i + RADIUS + 1 < length ? at + (RADIUS + 1) * step : last;
      const leaves = i - RADIUS > 0 ? at - RADIUS * step : first;
      sum += from[enters]! - from[leaves]!;
    }
  }
}
