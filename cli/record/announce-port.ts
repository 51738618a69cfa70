/** Preloaded with --on-port only: writes the first TCP port that the program listens on into a file. */
import { writeFileSync } from 'node:fs';
import { Server } from 'node:net';

const file = process.env['LIFEGUARD_PORT_FILE'];
if (file !== undefined && file !== '') {
  const listen = Reflect.get(Server.prototype, 'listen') as (this: Server, ...args: unknown[]) => Server;
  const announce = function (this: Server): void {
    const address = this.address();
    // A socket file, as tsx opens one for itself, is no port.
    if (address === null || typeof address === 'string') return;
    try {
      writeFileSync(file, `${address.port}\n`, { flag: 'wx' });
    } catch {
      // another process of the program was first
    }
  };
  Server.prototype.listen = function (this: Server, ...args: unknown[]) {
    this.once('listening', announce);
    return Reflect.apply(listen, this, args);
  } as Server['listen'];
}
