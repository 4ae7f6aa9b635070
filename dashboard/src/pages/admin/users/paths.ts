import { pageBelow } from "../parts/NameLink";

/** Where a request of a user's is looked at by operators. */
export function userRequestPath(uid: string, requestId: string): string {
  return `${pageBelow("/admin/users", uid)}/requests/${encodeURIComponent(requestId)}`;
}
