/** An address, of a page or for mails, which goes on in the next line where one of its parts ends, and not within a word. */
export function Url({ url }: { url: string }) {
  return url.split(/(?<=[/.?&=_-])(?=\w)|(?=@)/).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a part is nothing but its place in the address
    <span key={index}>
      {part}
      <wbr />
    </span>
  ));
}
