import { t } from "@lingui/core/macro";
import { useInfiniteQuery, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, type Schema, unwrap } from "@/api/client";
import { asProblem } from "@/api/problem";
import { useMe } from "./me";
import { useMay, useOrganisation } from "./organisations";
import { everyPage, type ListAnswer, pagesOf } from "./pages";

export type Member = Schema<"MemberAnswer">;
export type Invitation = Schema<"InvitationAnswer">;
export type Project = Schema<"ProjectAnswer">;
export type ServiceAccount = Schema<"ServiceAccountAnswer">;

/** What an organisation is made of, as its lists are called in the API. */
export type Kind = "members" | "invitations" | "projects" | "service-accounts";

const MOST_NAMED = 200; // a page of the API
const MOST_ASKED = 50;

/** The members of the organisation that one works on, a page at a time; nothing where one may not see them. */
export function useMembers() {
  const { org, isOffered } = useHere("members.read");
  return useInfiniteQuery({
    queryKey: ["organisation", "members"],
    enabled: isOffered,
    ...pagesOf((cursor) =>
      unwrap(api().GET("/api/orgs/{org}/members", { params: { path: { org }, query: { cursor } } })),
    ),
  });
}

/** Its invitations that wait. */
export function useInvitations() {
  const { org, isOffered } = useHere("invitations.read");
  return useInfiniteQuery({
    queryKey: ["organisation", "invitations"],
    enabled: isOffered,
    ...pagesOf((cursor) =>
      unwrap(api().GET("/api/orgs/{org}/invitations", { params: { path: { org }, query: { cursor } } })),
    ),
  });
}

/** Its projects. */
export function useProjects() {
  const { org, isOffered } = useHere("projects.read");
  return useInfiniteQuery({
    queryKey: ["organisation", "projects"],
    enabled: isOffered,
    ...pagesOf((cursor) =>
      unwrap(api().GET("/api/orgs/{org}/projects", { params: { path: { org }, query: { cursor } } })),
    ),
  });
}

/** Its service accounts. */
export function useServiceAccounts() {
  const { org, isOffered } = useHere("service_accounts.read");
  return useInfiniteQuery({
    queryKey: ["organisation", "service-accounts"],
    enabled: isOffered,
    ...pagesOf((cursor) =>
      unwrap(api().GET("/api/orgs/{org}/service-accounts", { params: { path: { org }, query: { cursor } } })),
    ),
  });
}

/** Has a list read again: to be called after it was changed. */
export function useRefreshGroups(): (kind: Kind) => Promise<void> {
  const queries = useQueryClient();
  return (kind) => queries.invalidateQueries({ queryKey: ["organisation", kind] });
}

export interface Named {
  id: string;
  name: string;
}

export interface Names {
  members: Named[];
  /** Whether they were read: until then, and where one may not see them, nobody is known to have left. */
  knowsMembers: boolean;
  /** Whether there are more of them than are named. */
  hasMoreMembers: boolean;
  projects: Named[];
  /** Whether these were read: one that is not among them was deleted. */
  knowsProjects: boolean;
  serviceAccounts: Named[];
}

const NO_NAMES: Names = {
  members: [],
  knowsMembers: false,
  hasMoreMembers: false,
  projects: [],
  knowsProjects: false,
  serviceAccounts: [],
};

/** What members, projects and service accounts are called, as far as one may see them: for choices, and for what bears
 * their ids. */
export function useNames(): Names {
  const here = useOrganisation();
  const may = useMay();
  const me = useMe();
  const query = useQuery({
    queryKey: ["organisation", "names"],
    enabled: here !== undefined,
    staleTime: 30_000,
    queryFn: async (): Promise<Names> => {
      const path = { org: here?.id ?? "" };
      const [members, projects, accounts] = await Promise.all([
        may("members.read")
          ? unwrap(api().GET("/api/orgs/{org}/members", { params: { path, query: { limit: MOST_NAMED } } }))
          : none<Member>(),
        everyPage((query) => unwrap(api().GET("/api/orgs/{org}/projects", { params: { path, query } }))),
        may("service_accounts.read")
          ? everyPage((query) =>
              unwrap(api().GET("/api/orgs/{org}/service-accounts", { params: { path, query } })),
            )
          : none<ServiceAccount>(),
      ]);
      return {
        members: members.data.map(asNamed),
        knowsMembers: may("members.read"),
        hasMoreMembers: members.next_cursor !== null,
        projects: projects.data.map(({ id, name }) => ({ id, name })),
        knowsProjects: true,
        serviceAccounts: accounts.data.map(({ id, name }) => ({ id, name })),
      };
    },
  });
  const found = query.data ?? NO_NAMES;
  // Whoever owns an organisation of one is no member on its list, and nobody else's name is needed to know one's own.
  if (me.data === undefined || found.members.some(({ id }) => id === me.data.id)) return found;
  const self = { id: me.data.id, name: me.data.full_name ?? me.data.email };
  return { ...found, members: [self, ...found.members] };
}

/** All members, for a choice among them: of many, those beyond the first page are read once it is made. */
export function useMemberChoices(): Named[] {
  const { org, isOffered } = useHere("members.read");
  const { members, hasMoreMembers } = useNames();
  const all = useQuery({
    queryKey: ["organisation", "member-names"],
    enabled: isOffered && hasMoreMembers,
    staleTime: 30_000,
    queryFn: async () => {
      const path = { org };
      const { data } = await everyPage((query) =>
        unwrap(api().GET("/api/orgs/{org}/members", { params: { path, query } })),
      );
      return data.map(asNamed);
    },
  });
  const known = new Set(members.map(({ id }) => id));
  return [...members, ...(all.data ?? []).filter(({ id }) => !known.has(id))];
}

/** What members are called by their ids. Of many, those that are not on the first page are asked for one by one, which a
 * list of things that members have shows at a time. */
export function useMemberNames(ids: readonly string[]): (id: string) => string {
  const { org, isOffered } = useHere("members.read");
  const { members, knowsMembers, hasMoreMembers } = useNames();
  const here = useOrganisation();
  const isUnknown = (id: string) => id !== org && !members.some((each) => each.id === id);
  const asked = isOffered && hasMoreMembers ? [...new Set(ids)].filter(isUnknown).slice(0, MOST_ASKED) : [];
  const answers = useQueries({
    queries: asked.map((uid) => ({
      queryKey: ["organisation", "member", uid],
      staleTime: Number.POSITIVE_INFINITY,
      queryFn: () => readName(org, uid),
    })),
  });
  const found = answers.flatMap(({ data }) => data ?? []);
  const gone = new Set(asked.filter((_, index) => answers[index]?.data === null));
  return (id) => {
    if (id === here?.id) return here.name; // whoever owns an organisation of one is no member on its list
    const hasLeft = knowsMembers && isUnknown(id) && (hasMoreMembers ? gone.has(id) : true);
    return hasLeft ? formerName(id) : nameIn([...members, ...found], id);
  };
}

const SHORT_ID = 10; // what it is the id of, and some of what tells it apart

/** What somebody is called who has left, by the name that is told of them, if any. */
export function formerName(id: string, name: string | null = null): string {
  return name === null ? t`Former member ${{ id: shortId(id) }}` : t`${name} (former member)`;
}

/** The beginning of an id, which is enough to tell it from others. */
export function shortId(id: string): string {
  return id.length > SHORT_ID ? `${id.slice(0, SHORT_ID)}…` : id;
}

/** Of who has left there is nothing to read, and it is not asked for again. */
async function readName(org: string, uid: string): Promise<Named | null> {
  try {
    return asNamed(
      await unwrap(api().GET("/api/orgs/{org}/members/{uid}", { params: { path: { org, uid } } })),
    );
  } catch (error) {
    if (asProblem(error).status === 404) return null;
    throw error;
  }
}

function asNamed({ id, full_name, email }: Pick<Member, "id" | "full_name" | "email">): Named {
  return { id, name: full_name ?? email };
}

/** What an id is called; the id itself where that is unknown. */
export function nameIn(list: Named[], id: string): string {
  return list.find((each) => each.id === id)?.name ?? id;
}

function none<Row>(): ListAnswer<Row> {
  return { data: [], next_cursor: null };
}

function useHere(right: Parameters<ReturnType<typeof useMay>>[0]): { org: string; isOffered: boolean } {
  const here = useOrganisation();
  const may = useMay();
  return { org: here?.id ?? "", isOffered: here !== undefined && may(right) };
}
