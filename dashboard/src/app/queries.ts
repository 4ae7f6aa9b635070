import { QueryCache, QueryClient } from "@tanstack/react-query";
import { asProblem } from "@/api/problem";
import { ORGANISATIONS } from "@/data/organisations";

const TRIES = 2;
const OF_PERSON = [["me"], ORGANISATIONS]; // the same whichever organisation is looked at

/** Queries try again what may get better by itself: no answer, or a server's fault. A refusal stays one. */
export function makeQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      // Whoever was removed, or has another role now, is shown what they have left.
      onError: (error, query) => {
        const { status, param, code } = asProblem(error);
        const isOther = (status === 404 && param === "org") || (status === 403 && code === "forbidden");
        if (isOther && query.queryKey[0] !== ORGANISATIONS[0]) {
          void client.invalidateQueries({ queryKey: ORGANISATIONS });
        }
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => failures < TRIES && isPassing(asProblem(error).status),
      },
      mutations: { retry: false }, // money may hang on it: people decide
    },
  });
  return client;
}

let current = { org: null as string | null, seen: null as string | null, client: makeQueryClient() };

/** The queries of an organisation, `null` being one's own. Another one begins with an empty cache, so that no answer
 * about one is ever shown of the other, not even one that was on its way. So does another person, `seen` by an operator. */
export function queriesOf(org: string | null, seen: string | null = null): QueryClient {
  if (org !== current.org || seen !== current.seen) {
    const client = makeQueryClient();
    if (seen === current.seen) {
      for (const key of OF_PERSON) client.setQueryData(key, current.client.getQueryData(key));
    }
    current = { org, seen, client };
  }
  return current.client;
}

function isPassing(status: number): boolean {
  return status === 0 || status >= 500;
}
