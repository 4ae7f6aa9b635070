import { t } from "@lingui/core/macro";
import { api, openApi, unwrap } from "@/api/client";
import { MailedProof } from "./MailedProof";

/** Where the mail to a new address leads. */
export default function ChangeEmailPage() {
  return (
    <MailedProof
      title={t`Change your e-mail address`}
      done={t`Your address is changed`}
      told={t`Sign in with it from now on.`}
      failed={t`Your address is not changed`}
      asksToRevoke
      send={async (token, as, revoke_keys) => {
        const sent =
          as === null
            ? api().POST("/api/auth/email/confirm", { body: { token, revoke_keys } })
            : openApi().POST("/api/auth/email/confirm", { body: { token, revoke_keys, ...as } });
        await unwrap(sent);
      }}
    />
  );
}
