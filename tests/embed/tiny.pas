{ SPDX-License-Identifier: MIT }
{
  tiny ADDRESS

  A virtual machine monitor of one thread in Free Pascal, whose guest gdb debugs by
  libvmxgdb. It has one vCPU, memory from 0 on, and interprets six instructions, where
  another one would call KVM_RUN. It prints where gdb can connect, waits for gdb, and ends
  when the guest does.
}
program tiny;

{$mode objfpc}

uses
  SysUtils, ctypes, vmxgdb;

const
  RAM_SIZE = $10000;
  START = $1000;
  Code: array[0..20] of Byte = (
    { 1000 } $48, $ff, $c0,              { inc rax }
    { 1003 } $e8, $06, $00, $00, $00,    { call 100e }
    { 1008 } $90,                        { nop }
    { 1009 } $eb, $f5,                   { jmp 1000 }
    { 100b } $f4, $90, $90,              { hlt }
    { 100e } $48, $ff, $c3,              { inc rbx }
    { 1011 } $90, $90,                   { nop; nop }
    { 1013 } $c3,                        { ret }
    { 1014 } $f4
  );

var
  Ram: array[0..RAM_SIZE - 1] of Byte;
  State: TVgdbRegs;
  Ended: Boolean = False;

{ ---- the five operations; the fifth is what vgdb_serve_until_resumed() returns ---- }

function GetRegs(context: Pointer; vcpu: UInt32; regs: PVgdbRegs): cint; cdecl;
begin
  regs^ := State;
  Result := 0;
end;

function SetRegs(context: Pointer; vcpu: UInt32; regs: PVgdbRegs): cint; cdecl;
begin
  State := regs^;
  Result := 0;
end;

function Room(gpa, len: UInt64): UInt64;
begin
  if gpa >= RAM_SIZE then
    Exit(0);
  Result := RAM_SIZE - gpa;
  if len < Result then
    Result := len;
end;

function ReadMemory(context: Pointer; gpa: UInt64; data: Pointer; len: UInt64): Int64; cdecl;
begin
  Result := Room(gpa, len);
  if Result > 0 then
    Move(Ram[gpa], data^, Result);
end;

function WriteMemory(context: Pointer; gpa: UInt64; data: Pointer; len: UInt64): Int64; cdecl;
begin
  Result := Room(gpa, len);
  if Result > 0 then
    Move(data^, Ram[gpa], Result);
end;

{ ---- the machine ---- }

procedure Reset;
begin
  FillChar(State, SizeOf(State), 0);
  State.size := SizeOf(State);
  State.rip := START;
  State.gpr[VGDB_RSP] := $f000;
  State.rflags := 2;
  Move(Code, Ram[START], SizeOf(Code));
end;

procedure Push(value: UInt64);
begin
  State.gpr[VGDB_RSP] := State.gpr[VGDB_RSP] - 8;
  Move(value, Ram[State.gpr[VGDB_RSP] and (RAM_SIZE - 8)], 8);
end;

function Pop: UInt64;
begin
  Move(Ram[State.gpr[VGDB_RSP] and (RAM_SIZE - 8)], Result, 8);
  State.gpr[VGDB_RSP] := State.gpr[VGDB_RSP] + 8;
end;

{ Returns the reason why it cannot go on, or VGDB_NOTHING. }
function RunOne: UInt32;
var
  at: UInt64;
  offset: Int32;
begin
  Result := VGDB_NOTHING;
  at := State.rip;
  if at > RAM_SIZE - 8 then
    Exit(VGDB_SHUTDOWN);
  case Ram[at] of
    $90:
      State.rip := at + 1;
    $48:
      begin
        if Ram[at + 2] = $c0 then
          Inc(State.gpr[VGDB_RAX])
        else
          Inc(State.gpr[VGDB_RBX]);
        State.rip := at + 3;
      end;
    $eb:
      State.rip := UInt64(Int64(at) + 2 + ShortInt(Ram[at + 1]));
    $e8:
      begin
        Move(Ram[at + 1], offset, 4);
        Push(at + 5);
        State.rip := UInt64(Int64(at) + 5 + offset);
      end;
    $c3:
      State.rip := Pop;
    $cc:
      Result := VGDB_BREAKPOINT;
    $f4:
      Ended := True;
  else
    Result := VGDB_SHUTDOWN;
  end;
end;

function Count(context: Pointer; g: PVgdb; argc: cint; argv: PPChar): cint; cdecl;
begin
  vgdb_print(g, PChar(Format('%d calls'#10, [State.gpr[VGDB_RBX]])));
  Result := 0;
end;

{ ---- the program ---- }

procedure Check(code: cint; const what: string);
begin
  if code < 0 then
  begin
    WriteLn(StdErr, what, ': error ', -code);
    Halt(1);
  end;
end;

procedure Drive(g: PVgdb);
var
  reason: UInt32 = VGDB_NOTHING;
  action, i: Integer;
begin
  while not Ended do
  begin
    action := vgdb_serve_until_resumed(g, 0, reason);
    Check(action, 'vgdb_serve_until_resumed');
    if action = VGDB_STEP then
      reason := RunOne or VGDB_STEPPED
    else
      for i := 1 to 1000 do
      begin
        reason := RunOne;
        if Ended or (reason <> VGDB_NOTHING) then
          Break;
      end;
    vgdb_interrupted(g, 0);
  end;
  vgdb_ended(g);
end;

var
  ops: TVgdbOps;
  g: PVgdb;
  where: array[0..127] of Char;
begin
  if ParamCount <> 1 then
  begin
    WriteLn(StdErr, 'usage: tiny tcp:PORT|unix:PATH');
    Halt(2);
  end;
  if vgdb_version() shr 16 <> VGDB_UNIT_VERSION shr 16 then
  begin
    WriteLn(StdErr, 'another libvmxgdb');
    Halt(1);
  end;
  Reset;
  FillChar(ops, SizeOf(ops), 0);
  ops.size := SizeOf(ops);
  ops.get_regs := @GetRegs;
  ops.set_regs := @SetRegs;
  ops.read_memory := @ReadMemory;
  ops.write_memory := @WriteMemory;
  g := vgdb_new(@ops, nil, 1);
  if g = nil then
    Halt(1);
  Check(vgdb_add_command(g, 'calls', '', 'count the calls', @Count, nil), 'vgdb_add_command');
  Check(vgdb_hold(g), 'vgdb_hold');
  Check(vgdb_listen(g, PChar(ParamStr(1))), 'vgdb_listen');
  Check(vgdb_address(g, where, SizeOf(where)), 'vgdb_address');
  WriteLn(StdErr, 'gdb may connect to ', PChar(@where));
  Flush(StdErr);
  Drive(g);
  vgdb_free(g);
  WriteLn(StdErr, 'the guest has ended');
end.
