import { t } from "@lingui/core/macro";
import type { Model } from "@/data/models";
import { fromNanos, toNanos } from "@/kit/money";
import { paidUsd } from "@/pages/models/cost";
import type { Part } from "./completion";

/** What is attached to a question: kept with it in this browser, and sent with each question that follows. */
export interface Attached {
  name: string;
  kind: "image" | "text" | "pdf";
  /** Of an image or a PDF its data URL, of a text its text. */
  content: string;
  /** About how many tokens it is to a model. */
  tokens: number;
}

export const MOST_FILES = 6;
const MOST_IMAGE_BYTES = 5_000_000;
const MOST_TEXT_BYTES = 400_000;
const MOST_PDF_BYTES = 10_000_000;
/** What a dialog for files offers first; whatever is text is taken. */
export const ACCEPTED =
  "image/png,image/jpeg,image/gif,image/webp,application/pdf,text/*,.md,.csv,.json,.py,.ts,.js,.sql,.log,.yaml,.toml";
const IMAGES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
const BYTES_A_TOKEN = 4;

/** Read a file, to be attached. Throws an `Error` that says what cannot be. */
export async function attach(file: File): Promise<Attached> {
  if (IMAGES.has(file.type)) {
    if (file.size > MOST_IMAGE_BYTES)
      throw new Error(t`${{ name: file.name }} has more than 5 MB. Make it smaller.`);
    const content = await dataUrl(file);
    return { name: file.name, kind: "image", content, tokens: imageTokens(await sizeOf(content)) };
  }
  if (file.type === PDF) {
    if (file.size > MOST_PDF_BYTES)
      throw new Error(t`${{ name: file.name }} has more than 10 MB. Attach a part of it.`);
    const tokens = pagesOf(await file.text(), file.size) * PAGE_TOKENS;
    return { name: file.name, kind: "pdf", content: await dataUrl(file), tokens };
  }
  if (file.size > MOST_TEXT_BYTES)
    throw new Error(t`${{ name: file.name }} has more than 400 kB. Attach a part of it.`);
  const content = await file.text();
  if (content.includes("\0") || content.includes("\uFFFD")) {
    throw new Error(
      t`${{ name: file.name }} is neither a picture (PNG, JPEG, GIF, WebP) nor a PDF or a text.`,
    );
  }
  return { name: file.name, kind: "text", content, tokens: Math.ceil(file.size / BYTES_A_TOKEN) };
}

/** A question and what is attached to it, as a model is sent them. */
export function partsOf(text: string, files: Attached[]): Part[] {
  const parts = files.map(partOf);
  return text === "" ? parts : [...parts, { type: "text", text }];
}

function partOf({ name, kind, content }: Attached): Part {
  switch (kind) {
    case "image":
      return { type: "image_url", image_url: { url: content } };
    case "pdf":
      return { type: "file", file: { filename: name, file_data: content } };
    default:
      return { type: "text", text: `The file ${JSON.stringify(name)}:\n\n${content}` };
  }
}

/** Why a model cannot be asked with these files; `null` where it can. */
export function unreadable(files: Pick<Attached, "kind">[], model: Model): string | null {
  if (!files.some(({ kind }) => kind === "pdf") || model.architecture.input_modalities.includes("file"))
    return null;
  return t`${{ model: model.id }} reads no PDF. Choose a model that reads files, or attach its text.`;
}

/** Whether there is a picture, which a model is not known to see. It may all the same: not all that models can is known. */
export function isUnseen(files: Pick<Attached, "kind">[], model: Model): boolean {
  return files.some(({ kind }) => kind === "image") && !model.architecture.input_modalities.includes("image");
}

/** About what reading files costs, each time that they are sent. */
export function readingUsd(
  files: Pick<Attached, "tokens" | "kind">[],
  { pricing }: Pick<Model, "pricing">,
): string {
  let nanos = 0n;
  for (const { tokens, kind } of files) {
    const rate = (kind === "image" && pricing.image_input_usd_per_1m) || pricing.input_usd_per_1m;
    nanos += (BigInt(tokens) * toNanos(rate)) / 1_000_000n;
  }
  return paidUsd(fromNanos(nanos), pricing);
}

const PDF = "application/pdf";
/** About how many tokens a page is: vendors read its text and look at it as well (Anthropic names 1,500 to 3,000). */
const PAGE_TOKENS = 2_000;
const BYTES_A_PAGE = 50_000;
const PAGE = /\/Type\s*\/Page(?![a-zA-Z])/g;

/** How many pages a PDF has. Where they are packed away, its size tells about how many. */
export function pagesOf(pdf: string, bytes: number): number {
  return pdf.match(PAGE)?.length ?? Math.max(1, Math.ceil(bytes / BYTES_A_PAGE));
}

const LONGEST_SIDE = 2048;
const SHORTEST_SIDE = 768;
const TILE = 512;
const TILE_TOKENS = 170;
const BASE_TOKENS = 85;

/** About how many tokens a picture is, as OpenAI counts those of gpt-4o: others count otherwise, none by much. */
export function imageTokens({ width, height }: { width: number; height: number }): number {
  const long = Math.min(1, LONGEST_SIDE / Math.max(width, height));
  const short = Math.min(1, SHORTEST_SIDE / (Math.min(width, height) * long || 1));
  const tiles = (side: number) => Math.max(1, Math.ceil((side * long * short) / TILE));
  return BASE_TOKENS + TILE_TOKENS * tiles(width) * tiles(height);
}

function dataUrl(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Error(t`${{ name: file.name }} cannot be read.`));
    reader.readAsDataURL(file);
  });
}

function sizeOf(url: string): Promise<{ width: number; height: number }> {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve({ width: image.naturalWidth, height: image.naturalHeight });
    image.onerror = () => reject(new Error(t`This picture cannot be read.`));
    image.src = url;
  });
}
