import { t } from "@lingui/core/macro";
import { api, openApi, unwrap } from "@/api/client";
import { MailedProof } from "./MailedProof";

export default function VerifyEmailPage() {
  return (
    <MailedProof
      title={t`Confirm your e-mail address`}
      done={t`Your address is confirmed`}
      told={t`Thank you: the address is yours.`}
      failed={t`Your address is not confirmed`}
      send={async (token, as) => {
        const sent =
          as === null
            ? api().POST("/api/auth/verify-email/confirm", { body: { token } })
            : openApi().POST("/api/auth/verify-email/confirm", { body: { token, ...as } });
        await unwrap(sent);
      }}
    />
  );
}
