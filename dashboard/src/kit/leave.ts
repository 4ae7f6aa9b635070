/** Leave for another site's page. Settles only once the browser brings this page back as it was: until then, wait. */
export function leaveFor(url: string): Promise<void> {
  window.location.assign(url);
  return new Promise((settle) => {
    window.addEventListener("pageshow", () => settle(), { once: true });
  });
}
