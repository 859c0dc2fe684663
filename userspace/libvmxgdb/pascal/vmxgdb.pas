{ SPDX-License-Identifier: MIT }
{
  libvmxgdb for Free Pascal: a gdb stub for any virtual machine monitor. vmxgdb.h and
  libvmxgdb(3) describe the functions.
}
unit vmxgdb;

{$mode objfpc}
{$packrecords c}
{$linklib vmxgdb}

interface

uses
  ctypes;

const
  vmxgdb_library = 'vmxgdb';

  { VGDB_VERSION in C: here the name of the function would be the same }
  VGDB_UNIT_VERSION = $00010000;
  VGDB_VCPUS_MAX = 64;

  { why a vCPU has left the guest: bits }
  VGDB_NOTHING = 0;
  VGDB_STEPPED = 1;
  VGDB_BREAKPOINT = 2;
  VGDB_WATCHPOINT = 4;
  VGDB_SHUTDOWN = 8;
  VGDB_ERROR = 16;
  VGDB_OWN = 32;

  { what to do with a vCPU }
  VGDB_WAIT = 0;
  VGDB_RUN = 1;
  VGDB_STEP = 2;

  { TVgdbRegs.gpr }
  VGDB_RAX = 0;
  VGDB_RBX = 1;
  VGDB_RCX = 2;
  VGDB_RDX = 3;
  VGDB_RSI = 4;
  VGDB_RDI = 5;
  VGDB_RBP = 6;
  VGDB_RSP = 7;
  VGDB_R8 = 8;

  { TVgdbRegs.segment }
  VGDB_CS = 0;
  VGDB_SS = 1;
  VGDB_DS = 2;
  VGDB_ES = 3;
  VGDB_FS = 4;
  VGDB_GS = 5;
  VGDB_TR = 6;
  VGDB_LDTR = 7;

  { TVgdbSegment.attributes }
  VGDB_SEGMENT_TYPE = $000f;
  VGDB_SEGMENT_S = $0010;
  VGDB_SEGMENT_DPL = $0060;
  VGDB_SEGMENT_P = $0080;
  VGDB_SEGMENT_AVL = $1000;
  VGDB_SEGMENT_L = $2000;
  VGDB_SEGMENT_DB = $4000;
  VGDB_SEGMENT_G = $8000;

  { types of breakpoints }
  VGDB_BP_SOFT = 0;
  VGDB_BP_HARD = 1;
  VGDB_BP_WRITE = 2;
  VGDB_BP_ACCESS = 3;
  VGDB_BP_READ = 4;

  VGDB_FPU_SIZE = 512;

type
  PVgdb = Pointer;

  TVgdbSegment = record
    base: UInt64;
    limit: UInt32;
    selector: UInt16;
    attributes: UInt16;
  end;

  PVgdbRegs = ^TVgdbRegs;
  TVgdbRegs = record
    size: UInt32;
    system: UInt32;
    gpr: array[0..15] of UInt64;
    rip: UInt64;
    rflags: UInt64;
    segment: array[0..7] of TVgdbSegment;
    gdt_base: UInt64;
    idt_base: UInt64;
    gdt_limit: UInt32;
    idt_limit: UInt32;
    cr0: UInt64;
    cr2: UInt64;
    cr3: UInt64;
    cr4: UInt64;
    cr8: UInt64;
    efer: UInt64;
    apic_base: UInt64;
    dr: array[0..3] of UInt64;
    dr6: UInt64;
    dr7: UInt64;
  end;

  PVgdbOps = ^TVgdbOps;
  TVgdbOps = record
    size: SizeUInt;
    get_regs: function(context: Pointer; vcpu: UInt32; regs: PVgdbRegs): cint; cdecl;
    set_regs: function(context: Pointer; vcpu: UInt32; regs: PVgdbRegs): cint; cdecl;
    read_memory: function(context: Pointer; gpa: UInt64; data: Pointer; len: UInt64): Int64; cdecl;
    write_memory: function(context: Pointer; gpa: UInt64; data: Pointer; len: UInt64): Int64; cdecl;
    run: function(context: Pointer; vcpu: UInt32; action: cint): cint; cdecl;

    kick: function(context: Pointer; vcpu: UInt32): cint; cdecl;
    translate: function(context: Pointer; vcpu: UInt32; addr: UInt64; gpa: PUInt64): cint; cdecl;
    get_fpu: function(context: Pointer; vcpu: UInt32; fxsave: Pointer): cint; cdecl;
    set_fpu: function(context: Pointer; vcpu: UInt32; fxsave: Pointer): cint; cdecl;
    add_breakpoint: function(context: Pointer; kind: UInt32; addr, len: UInt64): cint; cdecl;
    del_breakpoint: function(context: Pointer; kind: UInt32; addr, len: UInt64): cint; cdecl;
    kill: function(context: Pointer): cint; cdecl;
    reset: function(context: Pointer): cint; cdecl;
  end;

  PPChar = ^PChar;
  TVgdbCommand = function(context: Pointer; g: PVgdb; argc: cint; argv: PPChar): cint; cdecl;
  TVgdbObject = function(context: Pointer; g: PVgdb; annex: PChar): cint; cdecl;

  PVgdbRegister = ^TVgdbRegister;
  TVgdbRegister = record
    size: SizeUInt;
    bits: UInt32;
    name: PChar;
    kind: PChar;
    get: function(context: Pointer; vcpu: UInt32; value: Pointer): cint; cdecl;
    put: function(context: Pointer; vcpu: UInt32; value: Pointer): cint; cdecl;
  end;

  function vgdb_version: UInt32; cdecl; external vmxgdb_library;
  function vgdb_new(ops: PVgdbOps; context: Pointer; vcpus: UInt32): PVgdb; cdecl;
    external vmxgdb_library;
  function vgdb_new_kvm(vm_fd: cint): PVgdb; cdecl; external vmxgdb_library;
  function vgdb_kvm_add_vcpu(g: PVgdb; vcpu_fd: cint; run: Pointer): cint; cdecl;
    external vmxgdb_library;
  function vgdb_kvm_add_memory(g: PVgdb; gpa: UInt64; size: UInt64; host: Pointer): cint;
    cdecl; external vmxgdb_library;
  function vgdb_kvm_del_memory(g: PVgdb; gpa: UInt64): cint; cdecl; external vmxgdb_library;
  function vgdb_kvm_exit(g: PVgdb; vcpu: UInt32): cint; cdecl; external vmxgdb_library;
  function vgdb_kvm_ops(g: PVgdb; ops: PVgdbOps; context: Pointer): cint; cdecl;
    external vmxgdb_library;
  function vgdb_new_session(session_fd: cint): PVgdb; cdecl; external vmxgdb_library;
  procedure vgdb_free(g: PVgdb); cdecl; external vmxgdb_library;
  function vgdb_add_vcpu(g: PVgdb): cint; cdecl; external vmxgdb_library;
  function vgdb_set_arch(g: PVgdb; name: PChar): cint; cdecl; external vmxgdb_library;
  function vgdb_hold(g: PVgdb): cint; cdecl; external vmxgdb_library;
  function vgdb_ended(g: PVgdb): cint; cdecl; external vmxgdb_library;
  function vgdb_listen(g: PVgdb; address: PChar): cint; cdecl; external vmxgdb_library;
  function vgdb_address(g: PVgdb; text: PChar; size: SizeUInt): cint; cdecl;
    external vmxgdb_library;
  function vgdb_serve_fd(g: PVgdb; fd: cint): cint; cdecl; external vmxgdb_library;
  function vgdb_signal(g: PVgdb; signo: cint): cint; cdecl; external vmxgdb_library;
  function vgdb_serve_until_resumed(g: PVgdb; vcpu: UInt32; reason: UInt32): cint; cdecl;
    external vmxgdb_library;
  function vgdb_interrupted(g: PVgdb; vcpu: UInt32): cint; cdecl;
    external vmxgdb_library;
  function vgdb_detail_addr(g: PVgdb; vcpu: UInt32; addr: UInt64): cint; cdecl;
    external vmxgdb_library;
  function vgdb_detail_text(g: PVgdb; vcpu: UInt32; signal: cint; text: PChar): cint;
    cdecl; external vmxgdb_library;
  function vgdb_has_breakpoint(g: PVgdb; addr: UInt64): cint; cdecl; external vmxgdb_library;
  function vgdb_start_thread(g: PVgdb): cint; cdecl; external vmxgdb_library;
  function vgdb_set_threaded(g: PVgdb; threaded: cint): cint; cdecl; external vmxgdb_library;
  function vgdb_serve(g: PVgdb; timeout_ms: cint): cint; cdecl; external vmxgdb_library;
  function vgdb_connect(g: PVgdb): cint; cdecl; external vmxgdb_library;
  function vgdb_disconnect(g: PVgdb): cint; cdecl; external vmxgdb_library;
  function vgdb_input(g: PVgdb; data: Pointer; len: SizeUInt): cint; cdecl;
    external vmxgdb_library;
  function vgdb_event(g: PVgdb): cint; cdecl; external vmxgdb_library;
  function vgdb_work(g: PVgdb): cint; cdecl; external vmxgdb_library;
  function vgdb_output(g: PVgdb; len: PSizeUInt): Pointer; cdecl; external vmxgdb_library;
  function vgdb_sent(g: PVgdb; len: SizeUInt): cint; cdecl; external vmxgdb_library;
  function vgdb_wants_input(g: PVgdb): cint; cdecl; external vmxgdb_library;
  function vgdb_wants_event(g: PVgdb): cint; cdecl; external vmxgdb_library;
  function vgdb_wants_work(g: PVgdb): cint; cdecl; external vmxgdb_library;
  function vgdb_finished(g: PVgdb): cint; cdecl; external vmxgdb_library;
  function vgdb_event_fd(g: PVgdb): cint; cdecl; external vmxgdb_library;
  function vgdb_report(g: PVgdb; vcpu: UInt32; reason: UInt32): cint; cdecl;
    external vmxgdb_library;
  function vgdb_action(g: PVgdb; vcpu: UInt32): cint; cdecl; external vmxgdb_library;
  function vgdb_add_command(g: PVgdb; name: PChar; args: PChar; help: PChar;
    command: TVgdbCommand; context: Pointer): cint; cdecl; external vmxgdb_library;
  procedure vgdb_print(g: PVgdb; text: PChar); cdecl; external vmxgdb_library;
  function vgdb_add_object(g: PVgdb; name: PChar; obj: TVgdbObject;
    context: Pointer): cint; cdecl; external vmxgdb_library;
  function vgdb_add_register(g: PVgdb; reg: PVgdbRegister; context: Pointer): cint;
    cdecl; external vmxgdb_library;
  procedure vgdb_document(g: PVgdb; data: Pointer; len: SizeUInt); cdecl;
    external vmxgdb_library;

implementation

end.
