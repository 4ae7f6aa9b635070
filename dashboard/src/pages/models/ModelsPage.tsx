import { useParams } from "react-router";
import { ModelList } from "./ModelList";
import { ModelPage } from "./ModelPage";

/** The paths below `/models`: a model's name, or nothing for all of them. */
export default function ModelsPage() {
  const { "*": id = "" } = useParams();
  return id === "" ? <ModelList /> : <ModelPage id={id} key={id} />;
}
