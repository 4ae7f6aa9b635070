import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { LaptopIcon } from "lucide-react";
import { api, unwrap } from "@/api/client";
import { everyPage } from "@/data/pages";
import { Empty } from "@/kit/Empty";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { When } from "@/kit/When";
import { deviceName } from "@/session/device";
import { asPages } from "../parts/asPages";
import { Faint } from "../parts/Faint";
import { ADMIN } from "../parts/useChange";
import { RemoveFactors } from "./RemoveFactors";
import { isGone, type ManagedUser } from "./users";

/** Where a user is signed in. */
export function UserSessions({ user }: { user: ManagedUser }) {
  const { id } = user;
  const sessions = useQuery({
    queryKey: [ADMIN, "user-sessions", id],
    queryFn: async () =>
      (
        await everyPage((query) =>
          unwrap(api().GET("/api/admin/users/{id}/sessions", { params: { path: { id }, query } })),
        )
      ).data,
  });
  return (
    <Panel
      title={t`Sessions`}
      lead={t`Where this user is signed in.`}
      actions={!isGone(user) && <RemoveFactors user={user} />}
      flush
    >
      <PagedTable
        label={t`Sessions of this user`}
        query={asPages(sessions, sessions.data ?? [])}
        rowKey={(each) => each.id}
        columns={[
          { title: t`Device`, show: ({ device }) => deviceName(device) },
          {
            title: t`From`,
            show: ({ address }) => (address === "" ? <Faint>{t`Unknown`}</Faint> : address),
          },
          { title: t`Since`, align: "right", show: ({ began_at }) => <When at={began_at} /> },
          {
            title: t`Last used`,
            align: "right",
            place: "figure",
            show: ({ last_used_at }) => <When at={last_used_at} relative />,
          },
        ]}
        empty={
          <Empty title={t`No sessions`} icon={LaptopIcon}>
            {t`This user is signed in nowhere.`}
          </Empty>
        }
      />
    </Panel>
  );
}
