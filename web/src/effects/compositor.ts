// A person's picture in front of something else: the picture where the model sees the person, elsewhere the
// background. Every picture that it gives was looked at by the model; of the true background nothing is in it
// that is finer than the blur.
import type { Look } from "./look";
import { BACK_HEIGHT, BACK_WIDTH, Blur, follow, HEIGHT, PIXELS, WIDTH } from "./mask";
import type { Segmenter } from "./segmenter";

type Source = CanvasImageSource & (VideoFrame | ImageBitmap);

function context(canvas: OffscreenCanvas, read: boolean): OffscreenCanvasRenderingContext2D {
  const made = canvas.getContext("2d", { willReadFrequently: read });
  if (!made) throw new Error("no canvas");
  return made;
}

export class Compositor {
  look: Look;
  readonly canvas = new OffscreenCanvas(WIDTH, HEIGHT);
  readonly #out = context(this.canvas, false);
  readonly #looked = context(new OffscreenCanvas(WIDTH, HEIGHT), true);
  readonly #backCanvas = new OffscreenCanvas(BACK_WIDTH, BACK_HEIGHT);
  readonly #back = context(this.#backCanvas, true);
  readonly #backPixels = new ImageData(BACK_WIDTH, BACK_HEIGHT);
  readonly #maskCanvas = new OffscreenCanvas(WIDTH, HEIGHT);
  readonly #mask = context(this.#maskCanvas, true);
  readonly #maskPixels = new ImageData(WIDTH, HEIGHT);
  readonly #alpha = new Uint8ClampedArray(PIXELS);
  readonly #blur = new Blur();

  constructor(
    private readonly segmenter: Pick<Segmenter, "run">,
    look: Look,
  ) {
    this.look = look;
  }

  /** The picture is on `canvas` afterwards, in its size. */
  draw(source: Source, width: number, height: number): void {
    this.#looked.drawImage(source, 0, 0, WIDTH, HEIGHT);
    const pixels = this.#looked.getImageData(0, 0, WIDTH, HEIGHT);
    follow(this.segmenter.run(pixels.data), this.#alpha);
    for (let i = 0; i < PIXELS; i++) this.#maskPixels.data[4 * i + 3] = this.#alpha[i]!;
    this.#mask.putImageData(this.#maskPixels, 0, 0);
    if (this.look.kind === "blurred") {
      this.#blur.run(pixels.data, this.#alpha, this.#backPixels.data);
      this.#back.putImageData(this.#backPixels, 0, 0);
    }
    this.#compose(source, width, height);
  }

  #compose(source: Source, width: number, height: number): void {
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    const out = this.#out;
    out.imageSmoothingQuality = "medium";
    out.globalCompositeOperation = "copy";
    out.drawImage(this.#maskCanvas, 0, 0, width, height);
    out.globalCompositeOperation = "source-in";
    out.drawImage(source, 0, 0, width, height);
    out.globalCompositeOperation = "destination-over";
    if (this.look.kind === "blurred") {
      out.drawImage(this.#backCanvas, 0, 0, width, height);
    } else {
      out.fillStyle = this.look.colour;
      out.fillRect(0, 0, width, height);
    }
  }
}
