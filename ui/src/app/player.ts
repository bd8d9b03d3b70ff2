import { Replayer } from "@rrweb/replay"; console.log(Replayer);
