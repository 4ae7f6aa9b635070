import { QueryClient } from "@tanstack/react-query";
import { asProblem } from "@/api/problem";

const TRIES = 2;

/** Queries try again what may get better by itself: no answer, or a server's fault. A refusal stays one. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => failures < TRIES && isPassing(asProblem(error).status),
      },
      mutations: { retry: false }, // money may hang on it: people decide
    },
  });
}

function isPassing(status: number): boolean {
  return status === 0 || status >= 500;
}
