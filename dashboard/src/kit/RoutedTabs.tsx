import { Tabs } from "@mantine/core";
import type { ReactNode } from "react";
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
  return (
    <Tabs
      value={value}
      onChange={(next) => void navigate(next === tabs[0]?.value ? path : `${path}/${next}`)}
      keepMounted={false}
    >
      <Tabs.List className={`${classes.tabs} scrolls-sideways`}>
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
