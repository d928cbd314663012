import { trial as ftp } from './basic-ftp.mjs';
import { trial as http2 } from './http2.mjs';
import { trial as imapflow } from './imapflow.mjs';
import { trial as kafkajs } from './kafkajs.mjs';
import { trial as ldapts } from './ldapts.mjs';
import { trial as modbus } from './modbus-serial.mjs';
import { mariadbTrial, mysql2OverTls } from './mysql.mjs';
import { trial as nodemailer } from './nodemailer.mjs';
import { pgOverTls, postgresJs } from './postgres.mjs';
import { trial as rhea } from './rhea.mjs';
import { trial as smpp } from './smpp.mjs';
import { trial as socks } from './socks.mjs';
import { trial as ssh2 } from './ssh2.mjs';
import { trial as stompit } from './stompit.mjs';
import { trial as tedious } from './tedious.mjs';
import { trial as telnet } from './telnet-client.mjs';
import { trial as undici } from './undici.mjs';
import { trial as jsonrpc } from './vscode-jsonrpc.mjs';
import { trial as ws } from './ws.mjs';

export const trials = [
  [ssh2, smpp, undici, http2, ws, jsonrpc, modbus, nodemailer],
  [
    rhea,
    stompit,
    socks,
    ldapts,
    postgresJs,
    mariadbTrial,
    pgOverTls,
    mysql2OverTls,
    tedious,
    kafkajs,
    imapflow,
    ftp,
    telnet,
  ],
].flat();
