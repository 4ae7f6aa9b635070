interface Props {
  size?: number;
}

/** A ticket under a coin that is half in the slot. The name beside it is text, so the picture itself says nothing. */
export function Logo({ size = 28 }: Props) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path
        fill="var(--mantine-color-fare-7)"
        d="M7 11h18a3 3 0 0 1 3 3v3a2.5 2.5 0 0 0 0 5v3a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3v-3a2.5 2.5 0 0 0 0-5v-3a3 3 0 0 1 3-3Z"
      />
      <path fill="var(--mantine-color-brass-4)" d="M16 3a6.5 6.5 0 0 1 6.5 6.5h-13A6.5 6.5 0 0 1 16 3Z" />
      <rect x="9" y="14" width="14" height="3" rx="1.5" fill="#fff" />
    </svg>
  );
}
