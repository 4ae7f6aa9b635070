import { useEffect, useState } from "react";
import { asProblem } from "@/api/problem";

import { type SessionState, session } from "./session";
import { useSession } from "./useSession";

/** Whether somebody is signed in, on a page that anybody may open: what this browser keeps is tried first, and
 * `problem` tells why it could not be. */
export function useRestored(): { state: SessionState; problem: string | null } {
  const state = useSession();
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (state === "restoring") session.restore().catch((error) => setProblem(asProblem(error).message));
  }, [state]);
  return { state, problem: state === "restoring" ? problem : null };
}
