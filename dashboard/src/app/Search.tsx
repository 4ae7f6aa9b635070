import { t } from "@lingui/core/macro";
import { ActionIcon, Kbd, Tooltip, UnstyledButton } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { SearchIcon } from "lucide-react";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { typedAhead } from "@/kit/typedAhead";
import classes from "./Search.module.css";

const load = () => import("@/app/palette/CommandPalette"); // no part of the first load
const CommandPalette = lazy(load);
const LOAD_AFTER_MS = 2_000;

const KEY = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘ K" : t`Ctrl K`;

/** The way to the command palette: a button, and a key. */
export function Search() {
  const [isThere, setThere] = useState(false);
  const deliver = useRef((_: HTMLInputElement) => {});
  const open = () => {
    if (!isThere) {
      setThere(true); // it opens as it loads
      deliver.current = typedAhead();
    } else void import("@mantine/spotlight").then(({ spotlight }) => spotlight.open());
  };
  useEffect(() => {
    const timer = setTimeout(() => void load().catch(() => undefined), LOAD_AFTER_MS); // who opens it types at once
    return () => clearTimeout(timer);
  }, []);
  useHotkeys(isThere ? [] : [["mod+K", open]], []); // once it is there it listens itself
  return (
    <>
      <UnstyledButton className={classes.wide} onClick={open} visibleFrom="md">
        <SearchIcon size={16} strokeWidth={1.8} aria-hidden />
        <span>{t`Search`}</span>
        <Kbd size="xs" aria-hidden>
          {KEY}
        </Kbd>
      </UnstyledButton>
      <Tooltip label={t`Search`}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={t`Search`}
          onClick={open}
          hiddenFrom="md"
        >
          <SearchIcon size={19} strokeWidth={1.7} />
        </ActionIcon>
      </Tooltip>
      {isThere && (
        <Suspense>
          <CommandPalette onReady={(field) => deliver.current(field)} />
        </Suspense>
      )}
    </>
  );
}
