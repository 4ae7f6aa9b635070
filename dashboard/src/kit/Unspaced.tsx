/** Text that may have no space, such as an address: it goes on in the next line where one of its parts ends, and not within
 * a word. It is read in its own direction, whichever the page has. */
export function Unspaced({ text }: { text: string }) {
  return (
    <bdi>
      {text.split(/(?<=[/.?&=_@-])(?=\w)/).map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a part is nothing but its place in the text
        <span key={index}>
          {index > 0 && <wbr />}
          {part}
        </span>
      ))}
    </bdi>
  );
}
