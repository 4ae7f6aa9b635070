import { useSyncExternalStore } from "react";
import { type Sight, seeing } from "@/session/seeing";

/** As whom one sees the dashboard; `null` is as oneself. */
export function useSight(): Sight | null {
  return useSyncExternalStore(seeing.subscribe, seeing.sight);
}
