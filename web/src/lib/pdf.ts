// Pages of a PDF as pictures and as text, by pdf.js, which is loaded when the first PDF is shown. The
// browsers' own viewers do not serve: phones have none inside a page, and a strict
// Content-Security-Policy forbids the others.
import type { PDFDocumentProxy } from "pdfjs-dist";
import workerUrl from "pdfjs-dist/legacy/build/pdf.worker.min.mjs?url";

export interface PdfPage {
  /** In CSS pixels at a scale of 1. */
  width: number;
  height: number;
  /** What stands on it, for ears. */
  text: () => Promise<string>;
  /** Draws it so wide; resolves when it is there. */
  draw: (canvas: HTMLCanvasElement, width: number, ratio: number, signal: AbortSignal) => Promise<void>;
}

export interface Pdf {
  pages: PdfPage[];
  close: () => void;
}

/** A canvas may not be larger, in pixels: iOS draws nothing then. */
const PIXELS_MAX = 16_777_216;

async function page(document: PDFDocumentProxy, number: number): Promise<PdfPage> {
  const p = await document.getPage(number);
  const { width, height } = p.getViewport({ scale: 1 });
  return {
    width,
    height,
    async text() {
      const { items } = await p.getTextContent();
      return items.map((i) => ("str" in i ? i.str + (i.hasEOL ? "\n" : "") : "")).join("");
    },
    async draw(canvas, wide, ratio, signal) {
      const full = (wide / width) * ratio;
      const scale = Math.min(full, Math.sqrt(PIXELS_MAX / (width * height)));
      const viewport = p.getViewport({ scale });
      canvas.width = Math.floor(viewport.width);
      canvas.height = Math.floor(viewport.height);
      const task = p.render({ canvas, viewport });
      signal.addEventListener("abort", () => task.cancel(), { once: true });
      await task.promise.catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    },
  };
}

/** Throws when it is no PDF that can be read. */
export async function openPdf(blob: Blob): Promise<Pdf> {
  const { getDocument, GlobalWorkerOptions } = await import("pdfjs-dist/legacy/build/pdf.mjs");
  GlobalWorkerOptions.workerSrc = workerUrl;
  const task = getDocument({
    data: new Uint8Array(await blob.arrayBuffer()),
    isEvalSupported: false, // nor does the Content-Security-Policy allow it
    useWasm: false,
    enableXfa: false,
    stopAtErrors: false,
  });
  try {
    const document = await task.promise;
    const pages: PdfPage[] = [];
    for (let n = 1; n <= document.numPages; n++) pages.push(await page(document, n));
    return { pages, close: () => void task.destroy() };
  } catch (error) {
    void task.destroy();
    throw error;
  }
}
