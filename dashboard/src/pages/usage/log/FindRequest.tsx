import { t } from "@lingui/core/macro";
import { TextInput } from "@mantine/core";
import { SearchIcon } from "lucide-react";
import { useNavigate } from "react-router";
import { requestPath } from "../requestPath";

const MOST = 128; // characters of an id

/** Finds a request by the id that its answer bore, whenever that was. */
export function FindRequest() {
  const navigate = useNavigate();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const request_id = String(new FormData(event.currentTarget).get("id") ?? "").trim();
        if (request_id !== "") void navigate(requestPath({ request_id }));
      }}
    >
      <TextInput
        type="search"
        name="id"
        size="xs"
        w={220}
        aria-label={t`Find a request by its id`}
        placeholder={t`Request id, then Enter`}
        maxLength={MOST}
        autoComplete="off"
        spellCheck={false}
        leftSection={<SearchIcon size={14} aria-hidden />}
      />
    </form>
  );
}
