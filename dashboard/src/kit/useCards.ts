import { type RefObject, useEffectEvent, useLayoutEffect, useRef, useState } from "react";

/** Up to such a width a row always takes a few lines, as on a phone. */
const PHONE_PX = 672;

/**
 * Whether the table within `place` has too little room for its columns, so that each row is to take a few lines instead.
 * How much that is depends on what is in it: amounts of millions, words of another language.
 */
export function useCards(place: RefObject<HTMLElement | null>): boolean {
  const [isCards, setCards] = useState(false);
  const tooLittlePx = useRef(0); // the most room in which its columns did not fit
  const look = useEffectEvent((box: HTMLElement) => {
    const room = box.clientWidth;
    if (room === 0) return; // it is not shown
    if (!isCards && box.scrollWidth > room + 1) tooLittlePx.current = Math.max(room, tooLittlePx.current);
    setCards(room <= Math.max(PHONE_PX, tooLittlePx.current));
  });
  useLayoutEffect(() => {
    const box = place.current;
    if (box === null) return;
    look(box);
    const observer = new ResizeObserver(() => look(box));
    for (const each of [box, ...box.children]) observer.observe(each);
    return () => observer.disconnect();
  }, [place]);
  return isCards;
}
