import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { api, unwrap } from "@/api/client";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { Page } from "@/kit/Page";
import { RequestContent } from "@/pages/usage/request/RequestContent";
import { RequestId } from "@/pages/usage/request/RequestId";
import { pageBelow } from "../parts/NameLink";
import { ADMIN } from "../parts/useChange";
import { userRequestPath } from "./paths";
import { nameOf, useUser } from "./users";

/** One request of a user's, as its own receipt tells it. */
export function UserRequestPage() {
  const { id = "", request = "" } = useParams();
  const user = useUser(id);
  const receipt = useQuery({
    queryKey: [ADMIN, "user-receipt", id, request],
    queryFn: () => {
      const params = { path: { id, request_id: request } };
      return unwrap(api().GET("/api/admin/users/{id}/requests/{request_id}", { params }));
    },
  });
  return (
    <Page
      back={{ to: pageBelow("/admin/users", id), list: user.data ? nameOf(user.data) : t`User` }}
      title={t`Request`}
      lead={<RequestId id={request} />}
    >
      <Loaded query={receipt} loading={<Loading as="rows" />}>
        {(data) => (
          <RequestContent
            receipt={data}
            keyName={(key) => key}
            pathOfKey={() => null}
            pathOfRequest={(other) => userRequestPath(id, other)}
          />
        )}
      </Loaded>
    </Page>
  );
}
