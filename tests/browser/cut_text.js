/* Text of the page, and in its fields, that is cut off, broken within a word or lies over other text, and tables that have no room, as lines that say where. Evaluated
   in the page. */
(() => {
  const shown = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  const hidden = (element) =>
    element.closest("[aria-hidden=true]:not(figure *), .mantine-VisuallyHidden-root, script, style, title, [inert]");
  const scrolls = (style) => ["auto", "scroll"].includes(style);
  const told = (text) => JSON.stringify(text.trim().replace(/\s+/g, " ").slice(0, 60));
  const found = [];
  const boxes = [];
  const WORDS = /[\p{Sc}\u2212+]*\d[\d.,]*|[\p{L}\p{N}]+/gu;
  const LONGEST_WHOLE = 14; // of an id or a compound one may see the rest in the next line
  /* A word or an amount that goes on in the next line. */
  const broken = (node) => {
    const range = document.createRange();
    const lines = (from, to) => {
      range.setStart(node, from);
      range.setEnd(node, to);
      return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
    };
    if (node.data.length < 4 || lines(0, node.data.length) < 2) return [];
    return [...node.data.matchAll(WORDS)]
      .filter(({ 0: word, index }) => word.length <= LONGEST_WHOLE && lines(index, index + word.length) > 1)
      .map(([word]) => `in two lines: ${told(word)} of ${told(node.data)}`);
  };
  if (document.scrollingElement.scrollWidth > window.innerWidth + 1) found.push("the page is wider than the window");

  if (location.pathname.startsWith("/chat") && document.scrollingElement.scrollHeight > window.innerHeight + 1) {
    found.push("the chat is taller than the window");
  }
  for (const { parentElement: place } of document.querySelectorAll("main table[data-fits]")) {
    if (place.scrollWidth > place.clientWidth + 1) found.push(`a table scrolls sideways: ${told(place.ariaLabel ?? "")}`);
  }

  /* What is beyond the window's edge can't be pressed. */
  for (const one of document.querySelectorAll("a, button, input, select, textarea")) {
    const { left, right, width } = one.getBoundingClientRect();
    if (width < 2 || !shown(one) || (left > -1 && right < window.innerWidth + 1) || one.closest("[inert]")) continue;
    let isScrolled = false;
    for (let box = one; box && box !== document.documentElement; box = box.parentElement) {
      const style = getComputedStyle(box);
      if (scrolls(style.overflowX) || (style.position === "absolute" && style.clipPath !== "none")) isScrolled = true;
    }
    if (!isScrolled) found.push(`beyond the window: ${told(one.ariaLabel ?? one.innerText ?? one.name)}`);
  }

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() === "" || !shown(element) || hidden(element)) continue;
    if (!element.closest("pre")) found.push(...broken(node));
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) {
      if (rect.width < 2 || rect.height < 2) continue;
      let [isCut, isScrolled, isClipped] = [false, false, false];
      for (let box = element; box && box !== document.documentElement; box = box.parentElement) {
        const style = getComputedStyle(box);
        if (style.position === "absolute" && style.clipPath !== "none") isClipped = true; // for screen readers
        if (scrolls(style.overflowX) || scrolls(style.overflowY)) isScrolled = true;
        if (isScrolled || style.overflowX === "visible") continue;
        const around = box.getBoundingClientRect();
        if (rect.left < around.left - 1.5 || rect.right > around.right + 1.5) isCut = true;
      }
      if (isClipped) continue;
      if (!isScrolled && (rect.left < -1 || rect.right > window.innerWidth + 1)) isCut = true;
      if (isCut) found.push(`cut: ${told(node.data)}`);
      if (!isScrolled) boxes.push({ rect, node, layer: element.closest("header, nav, [role=dialog], .mantine-AppShell-header") });
    }
  }
  const WRITTEN = ["text", "search", "email", "tel", "url", "number"];
  const pen = document.createElement("canvas").getContext("2d");
  for (const field of document.querySelectorAll("input")) {
    if (!WRITTEN.includes(field.type) || !shown(field) || hidden(field) || field.clientWidth < 2) continue;
    const text = field.value || field.placeholder;
    const style = getComputedStyle(field);
    pen.font = style.font;
    pen.letterSpacing = style.letterSpacing;
    const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (pen.measureText(text).width > room + 1) found.push(`cut in its field: ${told(text)}`);
  }
  boxes.forEach((one, index) => {
    for (const other of boxes.slice(index + 1)) {
      if (one.node === other.node || one.layer !== other.layer) continue;
      const width = Math.min(one.rect.right, other.rect.right) - Math.max(one.rect.left, other.rect.left);
      const height = Math.min(one.rect.bottom, other.rect.bottom) - Math.max(one.rect.top, other.rect.top);
      if (width > 2 && height > 5) found.push(`over each other: ${told(one.node.data)} and ${told(other.node.data)}`);
    }
  });
  for (const one of document.querySelectorAll("[inert]")) {
    const { width, height, left, right } = one.getBoundingClientRect();
    if (shown(one) && width && height && right > 1 && left < window.innerWidth) found.push(`seen, and inert: ${told(one.innerText)}`);
  }
  for (const one of document.querySelectorAll("a[aria-label], button[aria-label]")) {
    const hushed = [...one.querySelectorAll("[aria-hidden=true]")].map((part) => part.innerText ?? "");
    const words = hushed.reduce((text, part) => text.replace(part, ""), one.innerText).trim().replace(/\s+/g, " ").toLowerCase();
    if (shown(one) && words !== "" && !one.ariaLabel.replace(/\s+/g, " ").toLowerCase().includes(words)) {
      found.push(`named ${told(one.ariaLabel)}, and says ${told(words)}`);
    }
  }
  return [...new Set(found)];
})();
