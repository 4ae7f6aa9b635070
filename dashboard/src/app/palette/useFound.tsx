import { t } from "@lingui/core/macro";
import { useDebouncedValue } from "@mantine/hooks";
import type { SpotlightActionGroupData } from "@mantine/spotlight";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { BoxIcon, KeyRoundIcon, ReceiptTextIcon, UserIcon } from "lucide-react";
import { useNavigate } from "react-router";
import { api, type Schema, unwrap } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Key } from "@/data/keys";
import { useMe } from "@/data/me";
import { useModels } from "@/data/models";
import { useMay } from "@/data/organisations";
import { everyPage } from "@/data/pages";
import { pathOf } from "@/pages/models/view";
import { requestPath } from "@/pages/usage/requestPath";
import { drawn } from "./drawn";
import { closest, looksLikeName, looksLikeRequest, looksLikeUser } from "./looks";

const PAUSE_MS = 250;
const MOST = 5; // of a kind
const KEYS_READ = 1_000; // the newest
const KEPT_MS = 60_000;

type Managed = Pick<Schema<"ManagedUser">, "id" | "email" | "full_name">;

interface Found {
  groups: SpotlightActionGroupData[];
  /** Whether the server is still asked. */
  isLooking: boolean;
}

/** What there is besides pages by what is typed: models, keys, a request, and for operators users. The server is asked
 * once one has typed something and paused. */
export function useFound(typed: string): Found {
  const navigate = useNavigate();
  const may = useMay();
  const isOperator = useMe().data?.is_admin === true;
  const text = typed.trim();
  const [paused] = useDebouncedValue(text, PAUSE_MS);
  const isNamed = looksLikeName(text) && looksLikeName(paused);

  const models = useModels({ isWanted: isNamed });
  const keys = useQuery({
    queryKey: ["keys", "newest"],
    enabled: isNamed && may("keys.read"),
    staleTime: KEPT_MS,
    queryFn: readKeys,
  });
  const users = useQuery({
    queryKey: ["admin", "users", "found", paused],
    enabled: isNamed && isOperator,
    staleTime: KEPT_MS,
    queryFn: () => findUsers(paused),
    placeholderData: keepPreviousData,
  });
  const foundModels = closest(models.data ?? [], text, ({ id }) => id, MOST);
  const foundKeys = closest(keys.data ?? [], text, ({ name }) => name, MOST);
  const isNothingElse = !models.isPending && foundModels.length + foundKeys.length === 0;
  const request = useQuery({
    queryKey: ["usage", "found", paused],
    enabled: isNothingElse && looksLikeRequest(text) && looksLikeRequest(paused) && may("usage.read"),
    staleTime: KEPT_MS,
    queryFn: () => findRequest(paused),
  });

  const go = (path: string) => () => void navigate(path);
  // The palette tells what its own search finds: what was found here is to be among it, whatever it is called.
  const named = { keywords: [typed] };
  const groups = [
    {
      group: t`Models`,
      actions: foundModels.map(({ id }) => ({
        ...named,
        id: `model ${id}`,
        label: id,
        leftSection: drawn(BoxIcon),
        onClick: go(pathOf(id)),
      })),
    },
    {
      group: t`Keys`,
      actions: foundKeys.map(({ id, name, prefix, state }) => ({
        ...named,
        id: `key ${id}`,
        label: name,
        description: state === "live" ? `${prefix}…` : t`${prefix}…, ended`,
        leftSection: drawn(KeyRoundIcon),
        onClick: go(`/keys/${encodeURIComponent(id)}`),
      })),
    },
    {
      group: t`Users`,
      actions: closest(users.data ?? [], text, wordsOf, MOST).map(({ id, email, full_name }) => ({
        ...named,
        id: `user ${id}`,
        label: full_name ?? (email || id),
        description: full_name === null ? undefined : email || id,
        leftSection: drawn(UserIcon),
        onClick: go(`/admin/users/${encodeURIComponent(id)}`),
      })),
    },
    {
      group: t`Requests`,
      actions: [request.data ?? []].flat().map(({ request_id, model }) => ({
        ...named,
        id: `request ${request_id}`,
        label: t`Request ${request_id}`,
        description: model,
        leftSection: drawn(ReceiptTextIcon),
        onClick: go(requestPath({ request_id: text })),
      })),
    },
  ];
  // Together, so that nothing moves below who is about to choose.
  const isKnown = ![models, keys, users, request].some(({ isLoading }) => isLoading);
  return {
    groups: looksLikeName(text) && isKnown ? groups.filter(({ actions }) => actions.length > 0) : [],
    isLooking:
      (looksLikeName(text) && paused !== text) ||
      [models, keys, users, request].some(({ isFetching }) => isFetching),
  };
}

/** All that a user is found by. */
function wordsOf({ id, email, full_name }: Managed): string {
  return `${full_name ?? ""} ${email} ${id}`.trimStart();
}

async function readKeys(): Promise<Key[]> {
  let read = 0;
  const { data } = await everyPage(async (query) => {
    const page = await unwrap(api().GET("/api/keys", { params: { query } }));
    read += page.data.length;
    return read < KEYS_READ ? page : { ...page, next_cursor: null };
  });
  return data;
}

async function findUsers(text: string): Promise<Managed[]> {
  const [byId, named] = await Promise.all([
    looksLikeUser(text)
      ? unlessAbsent(unwrap(api().GET("/api/admin/users/{id}", { params: { path: { id: text } } })))
      : null,
    unwrap(api().GET("/api/admin/users", { params: { query: { q: text, limit: MOST } } })),
  ]);
  return byId === null ? named.data : [byId, ...named.data.filter(({ id }) => id !== byId.id)];
}

function findRequest(id: string) {
  const path = { request_id: id };
  return unlessAbsent(unwrap(api().GET("/api/usage/receipts/{request_id}", { params: { path } })));
}

async function unlessAbsent<Answer>(answer: Promise<Answer>): Promise<Answer | null> {
  try {
    return await answer;
  } catch (error) {
    if (asProblem(error).status === 404) return null;
    throw error;
  }
}
