import { useQuery } from "@tanstack/react-query";
import { openApi, unwrap } from "@/api/client";

/** How one signs up and in here, and whom to ask: what is known before anybody has signed in. */
export function useSignInOptions() {
  return useQuery({
    queryKey: ["sign-in options"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => unwrap(openApi().GET("/api/auth/options")),
  });
}
