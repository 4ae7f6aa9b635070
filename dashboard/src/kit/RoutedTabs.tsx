import { Tabs } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { useNavigate } from "react-router";
import classes from "./RoutedTabs.module.css";

export interface RoutedTab {
  /** The last part of its address; the first tab's is the page's own. */
  value: string;
  label: string;
}

interface Props {
  /** The page's address. */
  path: string;
  tabs: readonly RoutedTab[];
  /** The tab that is open. */
  value: string;
  /** What the open tab holds. */
  children: ReactNode;
}

/** The parts of a page, each with an address of its own below the page's. */
export function RoutedTabs({ path, tabs, value, children }: Props) {
  const navigate = useNavigate();
  const list = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a phone the tab that is open may be out of sight
  useEffect(() => {
    list.current?.querySelector("[data-active]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [value]);
  return (
    <Tabs
      value={value}
      onChange={(next) => void navigate(next === tabs[0]?.value ? path : `${path}/${next}`)}
      keepMounted={false}
    >
      <Tabs.List ref={list} className={`${classes.tabs} scrolls-sideways`}>
        {tabs.map((tab) => (
          <Tabs.Tab key={tab.value} value={tab.value}>
            {tab.label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {children}
    </Tabs>
  );
}

/** What a tab holds. */
export function RoutedPanel({ value, children }: { value: string; children: ReactNode }) {
  return (
    <Tabs.Panel value={value} className={classes.panel}>
      {children}
    </Tabs.Panel>
  );
}
