import { useSyncExternalStore } from "react";
import { type SessionState, session } from "./session";

/** Whether somebody is signed in. Who, is `useMe()`. */
export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, session.state);
}
