/** What a text that is typed may be, so that the server is asked for nothing that it cannot have. */

const FEWEST = 2; // letters of a name
const REQUEST = /^(?=.*[\d_.-])[\w.-]{8,128}$/; // a client may name its requests, but hardly by one plain word
const USER = /^[A-Za-z0-9_-]{16,128}$/;

export function looksLikeName(text: string): boolean {
  return text.length >= FEWEST;
}

export function looksLikeRequest(text: string): boolean {
  return REQUEST.test(text);
}

export function looksLikeUser(text: string): boolean {
  return USER.test(text);
}

/** So many of them, those first whose name begins with the text. */
export function closest<Item>(
  items: Item[],
  text: string,
  nameOf: (item: Item) => string,
  most: number,
): Item[] {
  const wanted = text.toLowerCase();
  const found = items.flatMap((item) => {
    const at = nameOf(item).toLowerCase().indexOf(wanted);
    return at < 0 ? [] : [{ item, isLater: Number(at > 0) }];
  });
  return found
    .sort((a, b) => a.isLater - b.isLater)
    .slice(0, most)
    .map(({ item }) => item);
}
